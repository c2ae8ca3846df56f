import { messageOf, SwarmError } from '../errors/swarm-error.js'
import { escapeControlInJson } from './escape-control.js'
import type { LogFields, LogLevel } from './logger.js'

/** What every line has and no field can replace. */
export type LineHead = { readonly time: string; readonly level: LogLevel; readonly message: string }

/** Of a message that would take half of a line or more, this is kept: even where each character is an escape, the shortest maximum holds it. */
const shortMessageLength = 128

/**
 * One JSON object without a line end in it. A line over the maximum keeps, in order, the fields that still fit, and says in `fieldsTruncated`
 * how many do not. Never throws: where fields have no JSON form, `fieldsDropped` says why.
 */
export function jsonLine(head: LineHead, fields: () => LogFields, maximumLength: number): string {
  try {
    const all = fields()
    const line = escapeControlInJson(JSON.stringify({ ...head, ...all, ...head }, loggable))
    return line.length <= maximumLength ? line : shortLine(head, all, maximumLength)
  } catch (error) {
    return shortLine(head, { fieldsDropped: reasonOf(error) }, maximumLength)
  }
}

function shortLine(head: LineHead, fields: LogFields, maximumLength: number): string {
  const whole = escapeControlInJson(JSON.stringify(head))
  const cut = { ...head, message: `${head.message.slice(0, shortMessageLength)}[truncated]` }
  const first = whole.length <= maximumLength / 2 ? whole : escapeControlInJson(JSON.stringify(cut))
  let line = first.slice(0, -1)
  const room = maximumLength - ',"fieldsTruncated":1000000}'.length
  let left = 0
  for (const [key, value] of Object.entries(fields)) {
    if (key in head) continue
    const field = fieldOf(key, value)
    if (line.length + field.length > room) left += 1
    else line += field
  }
  return left === 0 ? `${line}}` : `${line},"fieldsTruncated":${left}}`
}

function fieldOf(key: string, value: unknown): string {
  try {
    const object = escapeControlInJson(JSON.stringify({ [key]: value }, loggable))
    return object === '{}' ? '' : `,${object.slice(1, -1)}`
  } catch {
    return ''
  }
}

function loggable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (!(value instanceof Error)) return value
  return { name: value.name, ...(SwarmError.isInstance(value) ? { code: value.code } : {}), message: value.message }
}

function reasonOf(error: unknown): string {
  try {
    return messageOf(error).slice(0, shortMessageLength)
  } catch {
    return 'unreadable'
  }
}
