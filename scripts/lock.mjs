// A lock between processes: a directory that only one process can create, with the owner's id inside.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const POLL_MS = 100
const NOTICE_AFTER_MS = 1_000
const OWNERLESS_STALE_MS = 5_000

/**
 * Runs `work` while holding the lock directory `path`; waits while another living process holds it.
 * A lock whose owner is dead is taken over. `onWait` is called once when the wait gets noticeable.
 */
export async function withLock(path, onWait, work) {
  acquire(path, onWait)
  const release = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.removeListener('exit', release)
    release()
  }
}

function acquire(path, onWait) {
  mkdirSync(dirname(path), { recursive: true })
  let waitedMs = 0
  while (!tryCreate(path)) {
    const owner = ownerOf(path)
    if (isStale(path, owner)) {
      takeAway(path, owner)
      continue
    }
    if (waitedMs >= NOTICE_AFTER_MS && waitedMs < NOTICE_AFTER_MS + POLL_MS) onWait()
    sleep(POLL_MS)
    waitedMs += POLL_MS
  }
}

function tryCreate(path) {
  try {
    mkdirSync(path)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  writeFileSync(`${path}/owner`, `${process.pid}`)
  return true
}

function ownerOf(path) {
  try {
    return readFileSync(`${path}/owner`, 'utf8')
  } catch {
    return ''
  }
}

function isStale(path, owner) {
  if (owner !== '') return !isAlive(Number(owner))
  // The owner is written just after the directory: only one that stays without is left over from a crash.
  try {
    return Date.now() - statSync(path).mtimeMs > OWNERLESS_STALE_MS
  } catch {
    return false
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// Moved aside first, so that of two processes which both saw the dead owner one wins, and what was
// moved is looked at again, so that a lock made in between goes back to its living owner.
function takeAway(path, owner) {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (ownerOf(aside) !== owner) {
    try {
      renameSync(aside, path)
      return
    } catch {
      // A third process holds the lock by now; the one moved aside is lost to it only while it waits.
    }
  }
  rmSync(aside, { recursive: true, force: true })
}

function sleep(durationMs) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs)
}
