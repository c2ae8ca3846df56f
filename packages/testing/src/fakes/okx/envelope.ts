import type { FakeAnswer } from '../shared/http-fault.js'
import type { OkxRefusal } from './okx-refusal.js'

/** One item of the answer to a write; `sCode` is 0 where it was taken. */
export type OkxItem = Readonly<Record<string, string>> & { readonly sCode: string; readonly sMsg: string }

/** The codes that come with an HTTP status of their own; all others with 200. */
const statuses: Readonly<Record<string, number>> = {
  '50000': 400,
  '50001': 503,
  '50002': 400,
  '50004': 400,
  '50006': 400,
  '50013': 429,
  '50014': 400,
  '50015': 400,
  '50026': 500,
  '50100': 400,
  '51000': 400,
  '51054': 500,
  '51149': 500,
}

/** Data that was asked for. */
export function told(data: readonly unknown[]): FakeAnswer {
  return { status: 200, json: { code: '0', msg: '', data } }
}

/** A request that is refused as a whole. */
export function failed(code: string, msg: string, status: number = statuses[code] ?? 200): FakeAnswer {
  return { status, json: { code, msg, data: [] } }
}

export function failedBy({ code, message }: OkxRefusal): FakeAnswer {
  return failed(code, message)
}

/** What the gateway itself refuses: message first, no data. */
export function turnedAway(code: string, msg: string, status = 401): FakeAnswer {
  return { status, json: { msg, code } }
}

/** `code` and `msg` of an answer with items: 0 where all were taken, 1 where none was, 2 where some were. */
export function verdict(items: readonly OkxItem[]): { readonly code: string; readonly msg: string } {
  const taken = items.filter(({ sCode }) => sCode === '0').length
  if (taken === items.length) return { code: '0', msg: '' }
  if (taken === 0) return { code: '1', msg: 'All operations failed' }
  return { code: '2', msg: 'Bulk operation partially succeeded.' }
}
