// Command pack makes those parts of the packages that need Keyferry's own tables, or bytes that are the same each time:
//
//	pack manifests ROOT PROGRAM    the manifests, MIME types and desktop entry for all users, below ROOT, naming PROGRAM
//	pack windows DIR               manifests for the MSI, which name the program beside them
//	pack zip FOLDER FILE [store]   an extension's zip; store: as the Chrome Web Store takes it
//	pack sbom BINARY FILE          CycloneDX, of what is linked into BINARY
//	pack uuid TEXT                 a UUID that is a text's own, for the MSI
//	pack msi FILE UUID             puts an MSI's time and package code right
//	pack formula FOLDER VERSION    the Homebrew formula for the archives in FOLDER
//
// Times come from SOURCE_DATE_EPOCH. The build script beside this folder calls it.
package main
