import { type Decimal, decimal, zero } from '@tradeswarm/trading'
import { plainText } from '../shared/json-text.js'
import { type OkxRefusal, wrongParameter } from './okx-refusal.js'

/** Client-made ids: letters and digits. */
export function isClientId(value: unknown, most = 32): value is string {
  return typeof value === 'string' && value.length <= most && /^[A-Za-z0-9]+$/.test(value)
}

/** A text that may be left out, or be empty. */
export function textOf(body: Readonly<Record<string, unknown>>, field: string): string {
  return plainText(body[field])
}

/** An amount above 0; undefined where there is none. */
export function amountOf(body: Readonly<Record<string, unknown>>, field: string): Decimal | OkxRefusal | undefined {
  const text = textOf(body, field)
  if (text === '') return undefined
  try {
    const value = decimal(text, field)
    return value.gt(zero) ? value : wrongParameter(field)
  } catch {
    return wrongParameter(field)
  }
}
