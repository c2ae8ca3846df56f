import { messageOf, SwarmError } from '@tradeswarm/core'
import type { RoundTrip } from '../protection/round-trip.js'
import { type HaltScope, isInScope, scopeKey } from '../risk/halt-scope.js'
import { assertOperator, type SecretAuthorisation, type SecretGate } from './authorise.js'
import { contain } from './contain.js'
import { cancelEntriesIn, haltAgain } from './halt-desk.js'
import { alert, commit, type KernelRuntime, subjectOf } from './kernel-runtime.js'
import { keptOrTakenBack } from './lasting-act.js'
import { notLeft } from './not-left.js'
import { requestCancel } from './order-desk.js'
import { protectContained } from './protection-desk.js'
import { tellState } from './raise-halt.js'
import { settleUnknown } from './settle-orders.js'

/** Throws `NOT_AUTHORIZED` or `TOO_MANY_ATTEMPTS` unless a person acts, with the secret where one is asked for. */
export function assertEmergency(
  runtime: KernelRuntime,
  gate: SecretGate,
  act: string,
  { operator, secret }: SecretAuthorisation,
): void {
  assertOperator(runtime, act, operator)
  if (gate.isSet) gate.check(act, secret)
}

/**
 * Whether a scope holds units of a position, whoever opened it. Several agents may: their units have one plan and one stop, so that the
 * position is left whole, rather than what is to be got rid of kept. Units that nobody asked for, as adopted ones, are the opener's.
 */
function holdsIn(runtime: KernelRuntime, scope: HaltScope | undefined, trip: RoundTrip): boolean {
  if (scope === undefined) return true
  const parts = runtime.state.activity.holdings(trip.symbol)
  if (parts.length === 0) return isInScope(scope, subjectOf(runtime, trip))
  return parts.some(({ use }) => isInScope(scope, subjectOf(runtime, use)))
}

/**
 * Leaves all positions of a scope by market orders, and keeps the scope in `reducing` (unless it is `halted`) until a person resumes. What
 * could not be left, as when the venue refuses, is tried again as the market goes on. Throws `POSITION_NOT_LEFT` where nothing is under way
 * that leaves one of them; the act holds all the same.
 */
export async function flatten(
  runtime: KernelRuntime,
  { operator, reason, scope }: SecretAuthorisation & { readonly scope?: HaltScope },
): Promise<void> {
  if (scope !== undefined) scopeKey(scope)
  const symbols = [...runtime.state.trips.values()]
    .filter((trip) => trip.status === 'open' && holdsIn(runtime, scope, trip))
    .map(({ symbol }) => symbol)
  const scoped = scope === undefined ? {} : { scope }
  commit(runtime, { type: 'flattened', time: runtime.clock.now(), symbols, operator, reason, ...scoped })
  tellState(runtime, reason, scope)
  await cancelEntriesIn(runtime, scope, reason)
  for (const symbol of symbols) await protectContained(runtime, symbol)
  const kept = symbols.flatMap((symbol) => {
    const reason = notLeft(runtime, symbol)
    return reason === undefined ? [] : [`${symbol}: ${reason}`]
  })
  if (kept.length === 0) return
  await runtime.journal.durable()
  throw new SwarmError({
    code: 'POSITION_NOT_LEFT',
    message: `all is to be left, entries are stopped, and of some nothing is on its way yet: ${kept.join('; ')}`,
    retryability: 'retryable',
  })
}

/** Latches a freeze: from here on the guard lets nothing pass. Its cancels follow in {@link cancelEverything}. */
export function latchFreeze(runtime: KernelRuntime, { operator, reason }: SecretAuthorisation): void {
  runtime.frozen = reason
  runtime.freezes += 1
  if (runtime.state.risk.halts.freeze !== undefined) return
  try {
    commit(runtime, {
      type: 'halted',
      time: runtime.clock.now(),
      cause: 'freeze',
      state: 'halted',
      reason,
      operator,
    })
  } catch (thrown) {
    alert(runtime, 'FREEZE_NOT_JOURNALLED', `the freeze holds in memory, the journal failed: ${messageOf(thrown)}`)
  }
  tellState(runtime, reason)
}

/** Follows a freeze into the journal. `assertKept` throws `FREEZE_NOT_JOURNALLED` unless the journal is known to have it by now. */
export function keepFreeze(runtime: KernelRuntime): { readonly done: Promise<void>; assertKept(): void } {
  let isKept = false
  const keep = async (): Promise<void> => {
    try {
      await runtime.journal.durable()
      isKept = runtime.state.risk.halts.freeze !== undefined
    } catch (thrown) {
      alert(runtime, 'FREEZE_NOT_JOURNALLED', `the freeze is not in the journal: ${messageOf(thrown)}`)
    }
  }
  return {
    done: keep(),
    assertKept() {
      if (isKept) return
      throw new SwarmError({
        code: 'FREEZE_NOT_JOURNALLED',
        message:
          'the freeze holds in memory, and the journal is not known to have it: a restart may lose it, freeze again',
        retryability: 'retryable',
      })
    },
  }
}

/** Asks the venue to cancel all that rests there, protective orders too. */
export async function cancelEverything(runtime: KernelRuntime, reason: string): Promise<void> {
  for (const orderId of runtime.state.index.openOrders.orderIds()) {
    const symbol = runtime.state.orders.get(orderId)?.header.request.symbol
    await contain(runtime, `cancelling order ${orderId}`, symbol, () => requestCancel(runtime, orderId, reason))
  }
}

/**
 * Ends a freeze once the journal has its end; what is held is protected again at once, by what nobody knew of when it began where that has the
 * units. `asked` are the freezes that there were when it was asked for. Throws `JOURNAL_NOT_DURABLE`, and `FREEZE_NOT_ENDED` where another
 * came since: all stays frozen then.
 */
export async function unfreeze(
  runtime: KernelRuntime,
  { operator, reason }: SecretAuthorisation,
  asked: number,
): Promise<void> {
  const assertLast = (): void => {
    if (runtime.freezes === asked) return
    throw new SwarmError({
      code: 'FREEZE_NOT_ENDED',
      message: 'unfreeze: the account was frozen again since that was asked for; it stays frozen, ask again',
    })
  }
  assertLast()
  const { freeze } = runtime.state.risk.halts
  if (freeze !== undefined) {
    commit(runtime, { type: 'resumed', time: runtime.clock.now(), causes: ['freeze'], operator, reason })
    await keptOrTakenBack(runtime, 'unfreeze', () => {
      if (runtime.state.risk.halts.freeze === undefined) commit(runtime, haltAgain(runtime, 'freeze', freeze))
    })
    assertLast()
  }
  if (runtime.frozen !== undefined) {
    runtime.frozen = undefined
    tellState(runtime, `unfrozen by ${operator}: ${reason}`)
  }
  for (const [symbol, trip] of runtime.state.trips) if (trip.status === 'open') await protectContained(runtime, symbol)
  for (const orderId of runtime.state.index.unknown) runtime.askedAt.delete(orderId)
  await settleUnknown(runtime)
}
