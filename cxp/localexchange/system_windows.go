package localexchange

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

func userBase() (string, error) {
	if dir := os.Getenv("LOCALAPPDATA"); filepath.IsAbs(dir) {
		return dir, nil
	}
	return "", errors.New("LOCALAPPDATA is not set")
}

func systemFolders() []Folder {
	dir := os.Getenv("ProgramData")
	if !filepath.IsAbs(dir) {
		return nil
	}
	return []Folder{{filepath.Join(dir, "credential-exchange", "providers"), true}}
}

// What an access list may let others do: read and run. Anything else could change a file, or exchange it.
const (
	toRead = windows.READ_CONTROL | windows.SYNCHRONIZE | windows.FILE_READ_DATA | windows.FILE_READ_EA |
		windows.FILE_EXECUTE | windows.FILE_READ_ATTRIBUTES | windows.GENERIC_READ | windows.GENERIC_EXECUTE
	// toAdd is harmless in a folder that only leads to the one that counts: what is there can't be exchanged by it.
	toAdd = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.FILE_WRITE_EA | windows.FILE_WRITE_ATTRIBUTES
)

// trusted are those who may change a file: the administrators, the system, the installer, and, unless it is the
// system's, the user.
func trusted(system bool) ([]*windows.SID, error) {
	var out []*windows.SID
	for _, text := range []string{
		"S-1-5-32-544", "S-1-5-18", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", // TrustedInstaller
	} {
		sid, err := windows.StringToSid(text)
		if err != nil {
			return nil, err
		}
		out = append(out, sid)
	}
	if system {
		return out, nil
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	return append(out, user.User.Sid), nil
}

func among(sid *windows.SID, all []*windows.SID) bool {
	for _, s := range all {
		if sid.Equals(s) {
			return true
		}
	}
	return false
}

// safe refuses what somebody else owns or may change, by its access list.
func safe(path string, system bool) error { return safeFor(path, system, toRead) }

func safeFor(path string, system bool, allowed windows.ACCESS_MASK) error {
	const what = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, what)
	if err != nil {
		return err
	}
	return safeList(path, sd, system, allowed)
}

func safeList(path string, sd *windows.SECURITY_DESCRIPTOR, system bool, allowed windows.ACCESS_MASK) error {
	may, err := trusted(system)
	if err != nil {
		return err
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return err
	}
	if !among(owner, may) {
		return fmt.Errorf("%s belongs to somebody else", path)
	}
	list, _, err := sd.DACL()
	if err != nil || list == nil { // no list lets everybody do everything
		return fmt.Errorf("%s can be written by others", path)
	}
	for n := range uint32(list.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, n, &ace); err != nil {
			return err
		}
		if ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Header.AceType == windows.ACCESS_DENIED_ACE_TYPE {
			continue
		}
		if ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE { // of a kind that is not understood here
			return fmt.Errorf("%s has an access list that can't be judged", path)
		}
		if ace.Mask&^allowed != 0 && !among((*windows.SID)(unsafe.Pointer(&ace.SidStart)), may) {
			return fmt.Errorf("%s can be written by others", path)
		}
	}
	return nil
}

// openSafe opens a file for reading that nobody else can write; while it is open nobody can, the user included.
func openSafe(path string, system bool) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f := os.NewFile(uintptr(h), path)
	sd, err := windows.GetSecurityInfo(h, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err == nil {
		err = safeList(path, sd, system, toRead)
	}
	if kind, kindErr := windows.GetFileType(h); err == nil && (kindErr != nil || kind != windows.FILE_TYPE_DISK) {
		err = fmt.Errorf("%s is no file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// stamp says when a file was written last, which its owner can set to anything: a hint for a list, no more.
func stamp(info os.FileInfo) string { return fmt.Sprint(info.Size(), ".", info.ModTime().UnixNano()) }

// safeCommand checks that a path leads to a program that nobody else can replace.
func safeCommand(path string, system bool) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the command is missing: %w", err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("the command is no program")
	}
	return safePath(path, system)
}

// safePath checks a file, its folder, and every folder that leads to it, by both of its names if links lead to it.
func safePath(path string, system bool) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, p := range []string{filepath.Clean(path), real} {
		if err := safe(p, system); err != nil {
			return fmt.Errorf("the command can be replaced: %w", err)
		}
		if err := safe(filepath.Dir(p), system); err != nil {
			return fmt.Errorf("the command can be replaced: %w", err)
		}
		for dir := filepath.Dir(filepath.Dir(p)); ; dir = filepath.Dir(dir) {
			if err := safeFor(dir, system, toRead|toAdd); err != nil {
				return fmt.Errorf("the command can be replaced: %w", err)
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return nil
}
