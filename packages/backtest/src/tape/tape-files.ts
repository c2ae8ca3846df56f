import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, shown } from '@tradeswarm/core'
import { tapeError } from './row-faults.js'

/** What lies at a path; a link counts as what it leads to. Throws `TAPE_FILE_UNREADABLE` where that can't be told. */
async function kindOf(path: string): Promise<'file' | 'directory' | 'other' | 'missing'> {
  try {
    const status = await stat(path)
    return status.isFile() ? 'file' : status.isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (isMissing(error)) return 'missing'
    throw tapeError('TAPE_FILE_UNREADABLE', { file: path }, `cannot be read: ${shown(messageOf(error))}`, error)
  }
}

/** Names in a directory in the order of their code units, hidden ones left out. Throws `TAPE_FILE_UNREADABLE`. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  let entries: readonly Dirent[]
  try {
    entries = await readdir(directory, { withFileTypes: true })
  } catch (error) {
    throw tapeError('TAPE_FILE_UNREADABLE', { file: directory }, `cannot be listed: ${shown(messageOf(error))}`, error)
  }
  return entries
    .map((entry) => entry.name)
    .filter((name) => !name.startsWith('.'))
    .sort()
}

/** The two forms of a tape on disk, told apart by what lies in the directory. */
export type TapeForm =
  | { readonly form: 'own'; readonly bars: string; readonly posts: string }
  | { readonly form: 'stocknet'; readonly prices: string; readonly tweets: string }

const forms =
  'a tape has either bars-1d.csv and posts.jsonl or posts.jsonl.gz, or price/raw and tweet/raw as the public StockNet dataset does'

/** Which form of tape a directory holds. Throws `TAPE_DIRECTORY_MISSING`, `TAPE_FORM_UNKNOWN` or `TAPE_FORM_AMBIGUOUS`. */
export async function recogniseForm(directory: string): Promise<TapeForm> {
  const kind = await kindOf(directory)
  if (kind !== 'directory') {
    const problem = kind === 'missing' ? 'there is no such directory' : 'is not a directory'
    throw tapeError('TAPE_DIRECTORY_MISSING', { file: directory }, `${problem}; ${forms}`)
  }
  const bars = join(directory, 'bars-1d.csv')
  const plain = join(directory, 'posts.jsonl')
  const zipped = join(directory, 'posts.jsonl.gz')
  const prices = join(directory, 'price', 'raw')
  const tweets = join(directory, 'tweet', 'raw')
  const [hasBars, hasPlain, hasZipped, hasPrices, hasTweets] = await Promise.all(
    [bars, plain, zipped, prices, tweets].map(async (path) => (await kindOf(path)) !== 'missing'),
  )
  const ambiguous = (what: string) =>
    tapeError('TAPE_FORM_AMBIGUOUS', { file: directory }, `holds both ${what}; leave one of them there`)
  if (hasPlain && hasZipped) throw ambiguous('posts.jsonl and posts.jsonl.gz')
  const hasPosts = hasPlain || hasZipped
  if (hasBars && hasPosts && hasPrices && hasTweets) throw ambiguous('bars-1d.csv and price/raw')
  if (hasBars && hasPosts) return { form: 'own', bars, posts: hasPlain ? plain : zipped }
  if (hasPrices && hasTweets) return { form: 'stocknet', prices, tweets }
  const halves: readonly (readonly [boolean | undefined, string])[] = [
    [hasBars, 'posts.jsonl or posts.jsonl.gz'],
    [hasPosts, 'bars-1d.csv'],
    [hasPrices, 'tweet/raw'],
    [hasTweets, 'price/raw'],
  ]
  const missing = halves.find(([half]) => half === true)?.[1]
  throw tapeError(
    'TAPE_FORM_UNKNOWN',
    { file: directory },
    `${missing === undefined ? 'holds no tape' : `lacks ${missing}`}; ${forms}`,
  )
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
