import { sha256Hex } from '@tradeswarm/core'
import type { Tape } from './tape.js'

/** What a run takes in, without how it was found: name, form, labels and counts are not part of the hash. */
export type TapeContent = Pick<
  Tape,
  'instruments' | 'bars' | 'posts' | 'dividends' | 'source' | 'tradeFrom' | 'tradeTo'
>

/** Rows hashed at once, so that no text as long as the tape is ever built. */
const chunkRows = 1024

/**
 * SHA-256 of a tape's content: the hash over the hashes of chunks of rows, each row a JSON array of its fields in a fixed
 * order. The same on every runtime, and the same for the same content in either form.
 */
export function tapeHash(content: TapeContent): string {
  const { instruments, bars, dividends, posts, source } = content
  return sha256Hex(
    JSON.stringify([
      'tape 1',
      [source.name, source.weight, source.synthetic],
      content.tradeFrom,
      content.tradeTo,
      rowHashes(instruments, (row) => [
        row.symbol,
        row.kind,
        row.asset,
        row.currency,
        row.tickSize,
        row.lotSize,
        row.minimumNotional,
        row.calendar,
      ]),
      rowHashes(bars, (row) => [row.symbol, row.date, row.open, row.high, row.low, row.close, row.volume]),
      rowHashes(dividends, (row) => [row.symbol, row.date, row.amountPerUnit, row.currency]),
      rowHashes(posts, (row) => [
        row.id,
        row.symbol,
        row.at,
        row.text,
        row.author ?? null,
        row.followers ?? null,
        row.url ?? null,
      ]),
    ]),
  )
}

function rowHashes<Row>(
  rows: readonly Row[],
  fields: (row: Row) => readonly (string | number | null)[],
): readonly (string | number)[] {
  const hashes: (string | number)[] = [rows.length]
  for (let start = 0; start < rows.length; start += chunkRows) {
    hashes.push(sha256Hex(JSON.stringify(rows.slice(start, start + chunkRows).map(fields))))
  }
  return hashes
}
