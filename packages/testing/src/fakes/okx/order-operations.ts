import type { EpochMs } from '@tradeswarm/core'
import type { FakeAnswer, HttpFault } from '../shared/http-fault.js'
import { plainText } from '../shared/json-text.js'
import { type OkxItem, verdict } from './envelope.js'
import type { OkxInstruments } from './okx-instruments.js'
import type { OkxOrderDesk } from './okx-order-desk.js'
import type { OkxSocket } from './okx-socket.js'
import type { RateBook } from './rate-book.js'
import type { Body } from './read-order.js'
import { bodiesOf } from './request-items.js'
import { carryOut, timed, tradeWrites } from './trade-routes.js'

export type OperationParts = {
  readonly desk: OkxOrderDesk
  readonly rates: RateBook
  readonly instruments: OkxInstruments
  /** What is to go wrong; operations are asked for as `WS order` and so on. */
  readonly takeFault: (method: string, path: string) => HttpFault | undefined
  readonly isMaintained: () => boolean
  readonly now: () => EpochMs
  readonly shownNow: () => EpochMs
}

/** What an operation is called over REST. */
export const operationPaths: Readonly<Record<string, string>> = {
  order: 'trade/order',
  'batch-orders': 'trade/batch-orders',
  'cancel-order': 'trade/cancel-order',
  'batch-cancel-orders': 'trade/cancel-batch-orders',
  'amend-order': 'trade/amend-order',
  'batch-amend-orders': 'trade/amend-batch-orders',
}

/** Carries out an operation on orders that came over a socket, with the limits of REST. */
export async function operate(
  connection: OkxSocket,
  { id, op, args, expTime }: Readonly<Record<string, unknown>>,
  parts: OperationParts,
): Promise<void> {
  const inTime = parts.shownNow()
  const answer = (code: string, msg: string, data: readonly OkxItem[] = []): void => {
    const envelope = { ...(id === undefined ? {} : { id }), op, code, msg }
    connection.send(timed(envelope, data, inTime, parts.shownNow()))
  }
  const path = operationPaths[String(op)] ?? ''
  const write = tradeWrites[path]
  if (connection.kind !== 'private') return answer('60028', 'The current operation is not supported by this URL.')
  if (!connection.isLoggedIn) return answer('60011', 'Please log in')
  if (write === undefined || bodiesOf(args).length === 0 || typeof id !== 'string')
    return answer('60013', 'Invalid args')
  if (parts.isMaintained()) return answer('50001', 'Service temporarily unavailable. Please try again later.')
  const bodies = bodiesOf(args).map((body) => named(body, parts.instruments))
  if (!parts.rates.take(`POST ${path}`, bodies, parts.now())) return answer('50011', 'Rate limit reached.')
  if (write.expires && !parts.rates.takeOrders(bodies, parts.now()))
    return answer('50061', "You've reached the maximum order rate limit for this account.")
  const fault = parts.takeFault('WS', String(op))
  const when = fault !== undefined && 'when' in fault ? fault.when : undefined
  if (fault !== undefined && when !== 'after') return strike(connection, fault, answer)
  const items = await carryOut(write, bodies, plainText(expTime), parts)
  if (fault !== undefined) return strike(connection, fault, answer)
  if (!('status' in items)) {
    const { code, msg } = verdict(items as readonly OkxItem[])
    return answer(code, msg, items as readonly OkxItem[])
  }
  const { code, msg } = (items as FakeAnswer).json as { readonly code: string; readonly msg: string }
  return answer(code, msg)
}

/** A fault in place of an answer: silence, the end of the connection, or a refusal. */
function strike(connection: OkxSocket, fault: HttpFault, answer: (code: string, msg: string) => void): void {
  if (fault.kind === 'cut') connection.cut()
  else if (fault.kind === 'too-many') answer('50011', 'Rate limit reached.')
  else if (fault.kind === 'code') answer(fault.code, 'Operation failed.')
  else if (fault.kind !== 'hang') answer('50026', 'System error. Try again later')
}

/** With its `instId`, where the instrument was named by its code. */
function named(body: Body, instruments: OkxInstruments): Body {
  const listing = instruments.named(body)
  return listing === undefined ? body : { ...body, instId: listing.instId }
}
