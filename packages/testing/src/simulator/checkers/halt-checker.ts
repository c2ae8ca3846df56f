import type { HaltCause, HaltScope, KernelRecord, OrderHeader } from '@tradeswarm/trading'
import { exact, exactText, floorTo, magnitude } from '../exact.js'
import type { LifeView, Observation, OperatorCall } from '../observation.js'
import { leavesOf } from '../venue-order.js'
import type { CheckerFactory } from './checker.js'
import { type Side, sideOf } from './folded-units.js'
import { isHeldInDoubt } from './in-doubt.js'
import { isHeldBack, type JournalFold, scopeName, scopesOf } from './journal-fold.js'
import { createLifeLatch, type LifeLatch } from './life-latch.js'
import { createScopeLatch, type ScopeLatch } from './scope-latch.js'

type Scoped = { readonly scope: HaltScope | undefined; readonly kill: ScopeLatch; readonly halt: ScopeLatch }

/**
 * I14: a kill switch, of the account or a narrower scope, acts before the next send, and a kill that was answered, or stored anywhere,
 * survives every restart until it is reset. I13: nothing that adds exposure leaves after a halt was answered, a halt that was answered
 * survives, and once trading is halted no entry keeps resting at the venue; of a freeze the same for everything. An end of any of them that was
 * answered as failed has ended nothing; a restart may find it done only while the journal does not have what was taken back. What was flattened
 * is left. None of it is done by somebody who may not.
 */
export const createHaltChecker: CheckerFactory = ({ scenario, venue, foldOf }, report) => {
  const scopes = new Map<string, Scoped>()
  const freeze = createScopeLatch()
  /** By life, and those of kills and halts by scope too: a kill or a freeze from when it was asked for, a halt once it was answered. */
  const latches = new Map<string, LifeLatch>()
  const latchOf = ({ number }: Pick<LifeView, 'number'>, what: 'kill' | 'halt' | 'freeze', scope = ''): LifeLatch => {
    const key = `${number} ${what} ${scope}`
    const latch = latches.get(key) ?? createLifeLatch()
    latches.set(key, latch)
    return latch
  }
  /** What was held when all was to be left, by its side, and was not left since; by the act, and once that was answered. */
  const leaving = new Map<OperatorCall, Map<string, Side>>()
  const toLeave = new Map<string, Side>()
  const noteFlattening = ({ number }: LifeView, call: OperatorCall): void => {
    if (call.name !== 'flatten' || call.scope !== undefined) return
    const fold = foldOf(number)
    const held = new Map<string, Side>()
    for (const symbol of fold.positions.keys()) {
      const side = sideOf(fold, symbol)
      if (side !== undefined) held.set(symbol, side)
    }
    leaving.set(call, held)
  }
  const noteFlattened = ({ number }: LifeView, call: OperatorCall, failed: boolean): void => {
    for (const [symbol, side] of failed ? [] : (leaving.get(call) ?? []))
      if (sideOf(foldOf(number), symbol) === side) toLeave.set(symbol, side)
    leaving.delete(call)
  }
  const noteBooked = ({ number }: LifeView): void => {
    for (const held of [toLeave, ...leaving.values()])
      for (const [symbol, side] of held) if (sideOf(foldOf(number), symbol) !== side) held.delete(symbol)
  }

  const scopedOf = (scope: HaltScope | undefined): Scoped => {
    const name = scopeName(scope)
    const known = scopes.get(name) ?? { scope, kill: createScopeLatch(), halt: createScopeLatch() }
    scopes.set(name, known)
    return known
  }

  const noteBegun = (life: LifeView, call: OperatorCall): void => {
    const { name, scope } = call
    const { kill, halt } = scopedOf(scope)
    if (name === 'kill') {
      latchOf(life, 'kill', scopeName(scope)).hold()
      kill.begin()
    }
    if (name === 'freeze') {
      latchOf(life, 'freeze').hold()
      freeze.begin()
    }
    if (name === 'halt' || name === 'flatten') halt.begin()
    endedBy(life, call)?.latch.beginEnd(call)
    endedBy(life, call)?.kept.beginUndo()
  }
  /** What a call is to end, in its life and after a restart. */
  const endedBy = (life: LifeView, { name, scope }: OperatorCall) => {
    const { kill, halt } = scopedOf(scope)
    switch (name) {
      case 'reset kill switch':
        return { latch: latchOf(life, 'kill', scopeName(scope)), kept: kill }
      case 'resume':
        return { latch: latchOf(life, 'halt', scopeName(scope)), kept: halt }
      case 'unfreeze':
        return { latch: latchOf(life, 'freeze'), kept: freeze }
      default:
        return undefined
    }
  }
  const noteDone = (life: LifeView, call: OperatorCall, failed: boolean): void => {
    const { name, scope } = call
    const { kill, halt } = scopedOf(scope)
    const ended = endedBy(life, call)
    ended?.latch.finishEnd(call, failed)
    if (failed) {
      ended?.kept.endUndo()
      return
    }
    ended?.kept.undo()
    if (name === 'kill') kill.hold()
    if (name === 'freeze') freeze.hold()
    if (name === 'halt' || name === 'flatten') {
      halt.hold()
      latchOf(life, 'halt', scopeName(scope)).holdInTurn()
    }
  }
  /** What a restart finds of a record. */
  const keptBy = ({ scope }: { readonly scope?: HaltScope }, cause: HaltCause): ScopeLatch | undefined => {
    if (cause === 'freeze') return freeze
    if (cause === 'kill-switch') return scopedOf(scope).kill
    return cause === 'operator' ? scopedOf(scope).halt : undefined
  }
  const noteDurable = (record: KernelRecord): void => {
    if (record.type === 'halted') {
      const kept = keptBy(record, record.cause)
      if (kept?.state === 'perhaps') kept.hold()
    }
    if (record.type === 'resumed') for (const cause of record.causes) keptBy(record, cause)?.doubt()
  }

  const checkStart = ({ kernel, number }: LifeView): void => {
    for (const [name, { scope, kill, halt }] of scopes) {
      const { state } = kernel.tradingState(scope)
      const where = name === '' ? '' : ` of ${name}`
      if (kill.state === 'yes' && state !== 'halted')
        report('I14', `life ${number} started without the kill switch${where}`)
      if (halt.state === 'yes' && state === 'active')
        report('I13', `life ${number} started without the operator's halt${where}`)
    }
    if (freeze.state === 'yes' && kernel.tradingState().state !== 'halted')
      report('I13', `life ${number} started without the freeze`)
  }

  const checkSend = ({ life, order }: Extract<Observation, { type: 'permit used' }>): void => {
    const { clientOrderId, reduceOnly } = order.request
    const fold = foldOf(life.number)
    if (fold.halts.has('freeze') || latchOf(life, 'freeze').holds)
      report('I13', `order ${clientOrderId} left after the freeze`)
    if (reduceOnly) return
    const header = fold.byClientOrderId.get(clientOrderId)?.header
    const owner = header ?? { agent: '', strategy: '' }
    if (scopesOf(owner).some((scope) => latchOf(life, 'kill', scope).holds))
      report('I14', `entry ${clientOrderId} left after the kill`)
    if (scopesOf(owner).some((scope) => latchOf(life, 'halt', scope).holds))
      report('I13', `entry ${clientOrderId} left after a halt was answered`)
    if (isHeldBack(fold, owner)) report('I13', `entry ${clientOrderId} left while trading is held back`)
  }

  const isInDoubt = (fold: JournalFold, symbol: string): boolean =>
    isHeldInDoubt({ scenario, venue }, symbol, fold.orders.values())

  const isHalted = ({ kernel }: LifeView, { agent, strategy }: OrderHeader): boolean =>
    [undefined, { agent }, { strategy }, { venue: 'simulated' }].some(
      (scope) => kernel.tradingState(scope).state === 'halted',
    )

  const checkQuiet = (life: LifeView): void => {
    const fold = foldOf(life.number)
    for (const { status, request } of venue.orders) {
      if (status !== 'open' || request.reduceOnly) continue
      const header = fold.byClientOrderId.get(request.clientOrderId)?.header
      if (header !== undefined && isHalted(life, header))
        report('I13', `trading is halted, and entry ${request.clientOrderId} still rests at the venue`)
    }
    if (fold.halts.has('freeze')) {
      const resting = venue.orders.find(
        (order) => leavesOf(order) > 0n && fold.byClientOrderId.has(order.request.clientOrderId),
      )
      if (resting !== undefined)
        report('I13', `the account is frozen, and order ${resting.request.clientOrderId} still rests at the venue`)
      return
    }
    noteBooked(life)
    for (const symbol of new Set([...fold.toLeave, ...toLeave.keys()])) {
      // What nobody knows of, and cannot be sent again, may still leave: a person has to look, and is told.
      if (isInDoubt(fold, symbol)) continue
      const lot = exact(scenario.instruments.find((instrument) => instrument.symbol === symbol)?.lotSize ?? '1')
      const held = floorTo(magnitude(fold.positions.get(symbol) ?? 0n), lot)
      if (held > 0n) report('I13', `all ${symbol} were to be left, and ${exactText(held)} are held`)
    }
  }

  return (observation) => {
    switch (observation.type) {
      case 'call begun':
        if (observation.call.trespasses === true) return
        noteBegun(observation.life, observation.call)
        noteFlattening(observation.life, observation.call)
        return
      case 'call done':
        if (observation.call.trespasses !== true) {
          noteDone(observation.life, observation.call, observation.failed)
          noteFlattened(observation.life, observation.call, observation.failed)
        } else if (!observation.failed) report('I14', `${observation.call.name} was done for somebody who may not`)
        return
      case 'appended':
        if (isBooking(observation.entry.payload as KernelRecord)) noteBooked(observation.life)
        return
      case 'durable':
        for (const { payload } of observation.entries) noteDurable(payload as KernelRecord)
        return
      case 'life ended':
        for (const { kill, halt } of scopes.values()) {
          kill.forgetUndos()
          halt.forgetUndos()
        }
        freeze.forgetUndos()
        return
      case 'life started':
        checkStart(observation.life)
        return
      case 'permit used':
        checkSend(observation)
        return
      case 'quiet':
        checkQuiet(observation.life)
        return
      default:
    }
  }
}

/** An execution is booked by the venue's word of it. */
function isBooking(record: KernelRecord): boolean {
  return record.type === 'booked' || (record.type === 'order-event' && record.entry !== undefined)
}
