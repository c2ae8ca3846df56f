import type { FakeAnswer } from '../shared/http-fault.js'
import { failedBy, told } from './envelope.js'
import { limitOf } from './market-routes.js'
import { wrongParameter } from './okx-refusal.js'

/** Something with an id that grows, and a time. */
export type PagedLine = { readonly id: string; readonly time: number; readonly json: object }

/** A page of lines that are given oldest first: newest first, older than the id `after`, newer than `before`, from `begin` to `end`. */
export function pageLines(lines: readonly PagedLine[], query: URLSearchParams): FakeAnswer {
  const limit = limitOf(query, 100)
  if (limit === undefined) return failedBy(wrongParameter('limit'))
  const [after, before] = [idOf(query, 'after'), idOf(query, 'before')]
  const [begin, end] = [query.get('begin'), query.get('end')]
  if (after === 'none' || before === 'none') return failedBy(wrongParameter(after === 'none' ? 'after' : 'before'))
  const found = lines.filter(({ id, time }) => {
    const number = BigInt(id)
    return (
      (after === undefined || number < after) &&
      (before === undefined || number > before) &&
      (begin === null || time >= Number(begin)) &&
      (end === null || time <= Number(end))
    )
  })
  // What is newer than an id is told from the newest on, too.
  return told(
    found
      .slice(Math.max(0, found.length - limit))
      .reverse()
      .map(({ json }) => json),
  )
}

function idOf(query: URLSearchParams, name: string): bigint | 'none' | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  return /^\d+$/.test(text) ? BigInt(text) : 'none'
}
