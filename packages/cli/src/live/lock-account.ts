import { createHash } from 'node:crypto'
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createSystemClock, SwarmError } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import type { Venue, VenueAccess } from '../venues/venue.js'

/** Where an account is traded. */
export type TradedAccount = {
  readonly venue: Venue
  readonly access: Pick<VenueAccess, 'keys' | 'tradingUrl'>
  readonly mode: 'paper' | 'live'
  /** The folder of its books. */
  readonly folder: string
}

const folderKey = 'account/folder'
/** The same for all of a user's runs on this machine, wherever their books lie. */
const lockFolder = (): string => join(tmpdir(), `tradeswarm-${userInfo().username}`)

/**
 * Keeps an account for one run at a time on this machine, and answers how to let go. Books in two folders do not know of each other: two swarms
 * on one account would count its positions and its cash as theirs, each. Throws `ACCOUNT_BUSY`, which names the folder of the run that trades
 * there. The operating system lets go of the lock of a process that dies, however it dies.
 */
export async function lockAccount(account: TradedAccount): Promise<() => Promise<void>> {
  const file = join(await makeLockFolder(), `account-${identityOf(account)}.db`)
  try {
    const storage = await createSqliteStorage(file).open({ clock: createSystemClock() })
    await storage.commit({ keyValue: [{ key: folderKey, value: account.folder }] })
    return () => storage.close()
  } catch (cause) {
    if (!SwarmError.isInstance(cause, 'STORAGE_LOCKED')) throw cause
    throw busy(account, await holderOf(file), cause)
  }
}

function busy({ venue, mode }: TradedAccount, folder: string | undefined, cause: unknown): SwarmError {
  const which = `the ${mode === 'live' ? 'live' : venue.paperMode} account of these keys at ${venue.name}`
  const run = folder === undefined ? 'another run' : `the run in ${folder}`
  return new SwarmError({
    code: 'ACCOUNT_BUSY',
    message: `${which} is traded by ${run} already, here or in another process: one account takes one swarm; stop that one first, or take the keys of another account`,
    cause,
  })
}

/** The folder that a run at work has noted; undefined where it has not yet. */
async function holderOf(file: string): Promise<string | undefined> {
  try {
    const storage = await createSqliteStorage(file, { readOnly: true, mustExist: true }).open({
      clock: createSystemClock(),
    })
    try {
      return (await storage.keyValue.get(folderKey))?.value
    } finally {
      await storage.close()
    }
  } catch {
    return undefined
  }
}

/** In a folder that others may write to, nobody else's is trusted. */
async function makeLockFolder(): Promise<string> {
  const folder = lockFolder()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid } = userInfo()
  const found = await lstat(folder)
  if (found.isDirectory() && (uid < 0 || found.uid === uid)) return folder
  throw new SwarmError({
    code: 'ACCOUNT_NOT_LOCKED',
    message: `${folder} is somebody else's, so that the account cannot be kept from a second run: remove it, or set TMPDIR to a folder of your own`,
  })
}

/** Tells accounts apart without telling their keys: by the venue, by where it is if not at its own hosts, and by the id of the key. */
function identityOf({ venue, access: { keys, tradingUrl }, mode }: TradedAccount): string {
  const host = tradingUrl === undefined ? venue.domain : new URL(tradingUrl).host
  const place = host === venue.domain || host.endsWith(`.${venue.domain}`) ? `${venue.domain} ${mode}` : host
  const keyId = sha256(keys[venue.keyVariables[0] ?? ''] ?? '')
  return sha256([venue.name, place, keyId].join('\n')).slice(0, 32)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
