import type { HaltScope, KernelRecord, OrderHeader } from '@tradeswarm/trading'
import { exact, exactText, floorTo, magnitude } from '../exact.js'
import type { LifeView, Observation, OperatorCall } from '../observation.js'
import { leavesOf } from '../venue-order.js'
import type { CheckerFactory } from './checker.js'
import { mayNotBeSentAgain } from './in-doubt.js'
import { isHeldBack, type JournalFold, scopeName, scopesOf } from './journal-fold.js'
import { createScopeLatch, type ScopeLatch } from './scope-latch.js'

type Scoped = { readonly scope: HaltScope | undefined; readonly kill: ScopeLatch; readonly halt: ScopeLatch }

/**
 * I14: a kill switch, of the account or a narrower scope, acts before the next send, and a kill that was answered, or stored anywhere,
 * survives every restart until it is reset. I13: nothing that adds exposure leaves after a halt was answered, a halt that was answered
 * survives, and once trading is halted no entry keeps resting at the venue; of a freeze the same for everything. What was flattened is left.
 * None of it is done by somebody who may not.
 */
export const createHaltChecker: CheckerFactory = ({ scenario, venue, foldOf }, report) => {
  const scopes = new Map<string, Scoped>()
  const freeze = createScopeLatch()
  /** Lives in which a kill of a scope, or a freeze, was asked for and not undone since. */
  const killedLives = new Set<string>()
  const frozenLives = new Set<number>()
  /** Lives in which a halt of a scope was answered, and its end was not asked for since. */
  const haltedLives = new Set<string>()
  const thawing = new Set<number>()
  /** What was held when all was to be left, and was not left since; by the act, and once that was answered. */
  const leaving = new Map<OperatorCall, Set<string>>()
  const toLeave = new Set<string>()
  const noteFlattening = ({ number }: LifeView, call: OperatorCall): void => {
    if (call.name !== 'flatten' || call.scope !== undefined) return
    const held = [...foldOf(number).positions].filter(([, units]) => units !== 0n)
    leaving.set(call, new Set(held.map(([symbol]) => symbol)))
  }
  const noteFlattened = ({ number }: LifeView, call: OperatorCall, failed: boolean): void => {
    for (const symbol of failed ? [] : (leaving.get(call) ?? []))
      if ((foldOf(number).positions.get(symbol) ?? 0n) !== 0n) toLeave.add(symbol)
    leaving.delete(call)
  }
  const noteBooked = ({ number }: LifeView): void => {
    for (const symbol of toLeave) if ((foldOf(number).positions.get(symbol) ?? 0n) === 0n) toLeave.delete(symbol)
    for (const symbols of leaving.values())
      for (const symbol of symbols) if ((foldOf(number).positions.get(symbol) ?? 0n) === 0n) symbols.delete(symbol)
  }

  const scopedOf = (scope: HaltScope | undefined): Scoped => {
    const name = scopeName(scope)
    const known = scopes.get(name) ?? { scope, kill: createScopeLatch(), halt: createScopeLatch() }
    scopes.set(name, known)
    return known
  }

  const noteBegun = ({ number }: LifeView, { name, scope }: OperatorCall): void => {
    const { kill, halt } = scopedOf(scope)
    if (name === 'kill') {
      killedLives.add(`${number} ${scopeName(scope)}`)
      kill.begin()
    }
    if (name === 'freeze') {
      frozenLives.add(number)
      freeze.begin()
    }
    if (name === 'halt' || name === 'flatten') halt.begin()
    if (name === 'reset kill switch') kill.beginUndo()
    if (name === 'resume') {
      halt.beginUndo()
      haltedLives.delete(`${number} ${scopeName(scope)}`)
    }
    if (name === 'unfreeze') {
      freeze.beginUndo()
      thawing.add(number)
    }
  }
  const noteDone = ({ number }: LifeView, { name, scope }: OperatorCall, failed: boolean): void => {
    const { kill, halt } = scopedOf(scope)
    const undoes = { 'reset kill switch': kill, resume: halt, unfreeze: freeze }[name as string]
    if (name === 'unfreeze') thawing.delete(number)
    if (undoes !== undefined) {
      if (failed) {
        undoes.endUndo()
        return
      }
      undoes.undo()
      if (name === 'reset kill switch') killedLives.delete(`${number} ${scopeName(scope)}`)
      if (name === 'unfreeze') frozenLives.delete(number)
    } else if (!failed) {
      if (name === 'kill') kill.hold()
      if (name === 'freeze') freeze.hold()
      if (name === 'halt' || name === 'flatten') {
        halt.hold()
        if (halt.state === 'yes') haltedLives.add(`${number} ${scopeName(scope)}`)
      }
    }
  }
  const noteDurable = (record: KernelRecord): void => {
    if (record.type === 'halted' && record.cause === 'kill-switch') {
      const { kill } = scopedOf(record.scope)
      if (kill.state === 'perhaps') kill.hold()
    }
    if (record.type === 'resumed' && record.causes.includes('kill-switch')) scopedOf(record.scope).kill.doubt()
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
    if (fold.halts.has('freeze') || (frozenLives.has(life.number) && !thawing.has(life.number)))
      report('I13', `order ${clientOrderId} left after the freeze`)
    if (reduceOnly) return
    const header = fold.byClientOrderId.get(clientOrderId)?.header
    const owner = header ?? { agent: '', strategy: '' }
    if (scopesOf(owner).some((scope) => killedLives.has(`${life.number} ${scope}`)))
      report('I14', `entry ${clientOrderId} left after the kill`)
    if (scopesOf(owner).some((scope) => haltedLives.has(`${life.number} ${scope}`)))
      report('I13', `entry ${clientOrderId} left after a halt was answered`)
    if (isHeldBack(fold, owner)) report('I13', `entry ${clientOrderId} left while trading is held back`)
  }

  const isInDoubt = (fold: JournalFold, symbol: string): boolean =>
    [...fold.orders.values()].some(
      (order) => order.header.request.symbol === symbol && mayNotBeSentAgain({ scenario, venue }, order),
    )

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
    for (const symbol of new Set([...fold.toLeave, ...toLeave])) {
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
