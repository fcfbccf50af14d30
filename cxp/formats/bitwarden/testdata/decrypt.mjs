// Decrypts a password-protected Bitwarden export with Argon2id, after the recipe that Bitwarden publishes, and prints the plain
// one. Usage: node decrypt.mjs FILE ARGON2 < PASSWORD, where ARGON2 is the reference implementation's program.
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'

const [file, argon2] = process.argv.slice(2)
const password = readFileSync(0)
const outer = JSON.parse(readFileSync(file, 'utf8'))
if (!outer.encrypted || !outer.passwordProtected || outer.kdfType !== 1) throw new Error('not the kind of file this is for')

// The program takes its salt as an argument, where there is no place for a zero byte, and the shell that writes the bytes out
// drops a line feed at the end: the caller sees to it that the hash that is the salt has neither.
const salt = createHash('sha256').update(outer.salt, 'utf8').digest()
if (salt.includes(0) || salt.at(-1) === 10) throw new Error('a salt that cannot be handed over; write the file again')
const octal = [...salt].map((b) => '\\' + b.toString(8).padStart(3, '0')).join('')
const script = `exec "$0" "$(printf '${octal}')" -id -t ${outer.kdfIterations} -k ${outer.kdfMemory * 1024} -p ${outer.kdfParallelism} -l 32 -r`
const run = spawnSync('sh', ['-c', script, argon2], { input: password, env: { LC_ALL: 'C', PATH: process.env.PATH } })
if (run.status !== 0) throw new Error(String(run.stderr))
const master = Buffer.from(String(run.stdout).trim(), 'hex')

// HKDF-Expand (RFC 5869 §2.3) for one block: Node has HKDF only with the Extract step.
const expand = (info) => createHmac('sha256', master).update(info).update(Buffer.of(1)).digest()
const encKey = expand('enc')
const macKey = expand('mac')

function decrypt(text) {
  const [type, rest] = text.split('.')
  if (type !== '2') throw new Error('encryption type ' + type)
  const [iv, ciphertext, mac] = rest.split('|').map((part) => Buffer.from(part, 'base64'))
  const want = createHmac('sha256', macKey).update(iv).update(ciphertext).digest()
  if (!timingSafeEqual(want, mac)) throw new Error('authentication failed')
  const cipher = createDecipheriv('aes-256-cbc', encKey, iv)
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]).toString('utf8')
}

decrypt(outer.encKeyValidation_DO_NOT_EDIT)
process.stdout.write(decrypt(outer.data))
