import type { KernelRecord, OrderHeader } from '@tradeswarm/trading'
import { actFamilies } from './acts/act-families.js'
import type { Observation } from './observation.js'
import type { Step } from './scenario.js'
import type { VenueFill, VenueOrderTruth } from './venue-order.js'

/** Beside what is expected: an agent of the subject asked for something, and something that one of them asked for was permitted. */
export const subjectAsked = 'an agent of the subject asked'
export const subjectPermitted = 'an order of the subject was permitted'
/** What one of them was denied with: this, and the code. */
export const subjectDenied = 'denied to the subject: '

type Cover = (what: string) => void

/** What every seed may have, beside the families of acts: what happens, and where it is brought about. */
const ordinary: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['append', 'durable', 'place', 'cancel', 'replace', 'order', 'openOrders', 'balances']
      .concat(['kill switch load', 'kill switch save', 'lease read', 'lease write'])
      .map((call) => [`crash at ${call}`, 'that await of the kernel, before it, under way, or answered']),
  ),
  'crash at place, before': 'sending, not sent',
  'crash at place, under way': 'sending, no answer yet',
  'crash at place, answered': 'sending, answered',
  'place: request-lost': 'request',
  'place: reply-lost': 'request, effective',
  'place: late': 'request, effective after the client gave up',
  'place: rate-limited': 'request',
  'place: server-error-before': 'request',
  'place: server-error-after': 'request, effective',
  'place: refused': 'request',
  'cancel: request-lost': 'request',
  'cancel: reply-lost': 'request, effective',
  'cancel: late': 'request, effective after the client gave up',
  'replace: reply-lost': 'request, effective',
  'lookup: request-lost': 'request',
  'stream: repeated': 'stream',
  'stream: late': 'stream',
  'outage of requests': 'network',
  'outage of stream': 'network',
  'outage of everything': 'network',
  'outage of prices': 'market data, frozen',
  'bad price': 'market data',
  'journal full': 'storage',
  'journal failing': 'storage, locked',
  'journal slow': 'storage',
  'kill switch store failing': 'store of its own',
  'kill switch store slow': 'store of its own',
  'lease store failing': 'store of the lease',
  'lease store deaf': 'store of the lease, effective',
  'lease store slow': 'store of the lease',
  'take over': 'a second instance on the same journal',
  'clock skew': 'our clock, ±3 s',
  kill: 'kernel API, in the midst of a burst',
  halt: 'kernel API',
  reduce: 'kernel API, as the Risk Manager',
  resume: 'kernel API',
  policy: 'kernel API',
  enter: 'agents',
  leave: 'agents',
  cancel: 'agents',
  amend: 'agents',
  price: 'market data',
  'reset kill switch': 'kernel API',
  garbage: 'agents, broken and hijacked replies of models',
  'executed: oco': 'venue that takes a target and a stop as one order',
  'late fill': 'venue, after the cancel',
  bust: 'venue',
  'partial fill': 'venue',
  'cancel rejected': 'venue, the order was over',
  'replace rejected': 'venue, the order was over',
}

/** All that must have happened in some of many seeds, and where it is brought about. */
export function expectedCoverage(): Readonly<Record<string, string>> {
  return Object.assign({}, ordinary, ...actFamilies.map(({ covers }) => covers)) as Readonly<Record<string, string>>
}

/** Counts what a step does at once, whoever is there. */
export function coverStep(step: Step, cover: Cover): void {
  switch (step.do) {
    case 'outage':
      cover(`outage of ${step.of}`)
      return
    case 'journal':
    case 'kill switch store':
    case 'lease store':
      cover(`${step.do} ${step.fault}`)
      return
    case 'bad price':
    case 'take over':
    case 'clock skew':
    case 'kill':
    case 'halt':
    case 'reduce':
    case 'resume':
    case 'policy':
    case 'enter':
    case 'leave':
    case 'cancel':
    case 'amend':
    case 'price':
    case 'reset kill switch':
    case 'garbage':
      cover(step.do)
      return
    default:
  }
}

/** Counts what came of it, in one run. */
export function createObservedCoverage(cover: Cover): (observation: Observation) => void {
  const headers = new Map<string, OrderHeader>()
  return (observation) => {
    if (observation.type === 'appended') {
      const record = observation.entry.payload as KernelRecord
      if (record.type === 'order-assessed') headers.set(record.header.orderId, record.header)
      coverRecord(record, headers, cover)
    } else coverOutside(observation, cover)
  }
}

function coverOutside(observation: Observation, cover: Cover): void {
  switch (observation.type) {
    case 'venue fill': {
      const { order, fill } = observation
      coverFill(order, fill, cover)
      if (fill.quantity < order.quantity) cover('partial fill')
      return
    }
    case 'told':
      if (observation.event.type === 'alert' && observation.event.code === 'EXTERNAL_POSITION')
        cover('external position alerted')
      if (observation.event.type === 'alert' && observation.event.code === 'SPLIT_TOLD_LATE') cover('split told late')
      return
    default:
  }
}

function coverFill({ request, status }: VenueOrderTruth, fill: VenueFill, cover: Cover): void {
  cover(`executed: ${request.postOnly === true ? 'post-only' : request.type}`)
  cover(`executed: ${request.timeInForce}`)
  if (request.sizedIn === 'quote') cover('executed: amount')
  if (request.reduceOnly && (request.timeInForce === 'at-open' || request.timeInForce === 'at-close'))
    cover('exit executed in an auction')
  if (request.account === 'second') cover('executed for the second account')
  if (status === 'canceled') cover('late fill')
  if (request.side === 'sell' && !request.reduceOnly) cover('sold short')
  if (request.side === 'buy' && request.reduceOnly) cover('short bought back')
  if (fill.feeCurrency === 'EUR') cover('fee taken in another currency')
  if (request.symbol === 'EUX') cover('executed in another currency')
  if (request.symbol === 'EXT') cover('adopted position left')
  if (fill.paidOut !== undefined)
    cover(request.reduceOnly ? 'contract left' : request.side === 'buy' ? 'contract bought' : 'contract sold short')
}

function coverRecord(record: KernelRecord, headers: ReadonlyMap<string, OrderHeader>, cover: Cover): void {
  switch (record.type) {
    case 'approval-settled':
      cover(`approval ${record.outcome}`)
      return
    case 'order-parked':
      cover('one waited for the other')
      return
    case 'booked':
      if (record.event.type === 'adoption') cover('adopted')
      if (record.event.eventId.startsWith('venue-funding-')) cover('funding booked')
      if (record.event.type === 'split' || record.event.type === 'dividend') cover(`${record.event.type} booked`)
      return
    case 'order-assessed':
      if (record.verdict.approved === true) cover('approved order permitted')
      if (record.header.parentOrderId === undefined) return
      if (!record.header.orderId.endsWith('-1')) cover('part replaced by another')
      cover(`part of ${headers.get(record.header.parentOrderId)?.execution?.style} sent`)
      return
    case 'order-event':
      coverWord(headers.get(record.orderId), record.event.type, cover)
      if (record.event.type === 'cancel-requested' && record.event.reason.includes('of its group'))
        cover('one cancelled the other')
      if (record.event.type === 'busted')
        cover(headers.get(record.orderId)?.settlement === 'margin' ? 'contract busted' : 'bust')
      if (record.event.type === 'corrected') cover('execution corrected')
      if (record.event.type === 'cancel-rejected') cover('cancel rejected')
      if (record.event.type === 'replace-rejected') cover('replace rejected')
      return
    default:
  }
}

function coverWord(header: OrderHeader | undefined, word: string, cover: Cover): void {
  if (header?.contingency?.type === 'one-triggers-other' && word === 'submitted') cover('one triggered the other')
  if (header?.parentOrderId !== undefined && word === 'filled') cover('part executed')
}
