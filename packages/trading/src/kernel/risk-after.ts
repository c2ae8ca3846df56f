import { decimal } from '../money/decimal.js'
import type { OrderEvent } from '../orders/order-event.js'
import { type HaltScope, scopeKey } from '../risk/halt-scope.js'
import { type Halt, type HaltCause, type Halts, haltsIn, type RiskState, withHalts } from '../risk/risk-state.js'
import type { KernelRecord } from './kernel-record.js'

type RiskRecord = Extract<
  KernelRecord,
  {
    type:
      | 'session-started'
      | 'baseline-taken'
      | 'session-closed'
      | 'peak-reached'
      | 'halted'
      | 'resumed'
      | 'flattened'
      | 'policy-changed'
  }
>

/** The state of the risk authority after a record of it. */
export function riskAfter(risk: RiskState, record: RiskRecord): RiskState {
  switch (record.type) {
    case 'session-started': {
      const next = { ...withEquity(risk, record.equity), sessionDate: record.sessionDate, ...dayStart(record.equity) }
      return record.equity === undefined ? withoutDayStart(next) : next
    }
    case 'baseline-taken':
      return { ...withEquity(risk, record.equity), ...dayStart(record.equity) }
    case 'session-closed':
      return { ...withEquity(risk, record.equity), lastClosedSession: record.sessionDate }
    case 'peak-reached':
      return withEquity(risk, record.equity)
    case 'halted':
      return halted(risk, record.cause, record)
    case 'flattened':
      return flattened(risk, record)
    case 'resumed':
      return resumed(risk, record)
    case 'policy-changed':
      return { ...risk, policy: record.policy, policyVersion: risk.policyVersion + 1 }
  }
}

/** Counts what the venue rejects in a row. */
export function afterWord(risk: RiskState, word: OrderEvent['type']): RiskState {
  if (word === 'rejected' || word === 'submission-failed')
    return { ...risk, rejectionStreak: (risk.rejectionStreak ?? 0) + 1 }
  return word === 'accepted' && risk.rejectionStreak !== undefined ? withoutStreak(risk) : risk
}

function withoutStreak(risk: RiskState): RiskState {
  const { rejectionStreak: _, ...rest } = risk
  return rest
}

function halted(
  risk: RiskState,
  cause: HaltCause,
  {
    state,
    reason,
    time,
    scope,
    operator,
  }: Pick<Extract<KernelRecord, { type: 'halted' }>, 'state' | 'reason' | 'scope' | 'operator' | 'time'>,
): RiskState {
  const key = keyOf(scope)
  const halt: Halt = { state, reason, since: time, ...(operator === undefined ? {} : { operator }) }
  const halts: Halts = { ...haltsIn(risk, key), [cause]: halt }
  return { ...withHalts(risk, key, halts), haltEpoch: risk.haltEpoch + 1 }
}

/** What is left stays left: the scope is kept in `reducing`, where no stricter halt of an operator holds. */
function flattened(risk: RiskState, record: Extract<KernelRecord, { type: 'flattened' }>): RiskState {
  if (haltsIn(risk, keyOf(record.scope)).operator?.state === 'halted') return { ...risk, haltEpoch: risk.haltEpoch + 1 }
  return halted(risk, 'operator', { ...record, state: 'reducing' })
}

function keyOf(scope: HaltScope | undefined): string | undefined {
  return scope === undefined ? undefined : scopeKey(scope)
}

/**
 * Lifts halts. An operator who lifts a loss limit accepts the loss: the baseline that had tripped starts again at the equity of now, or at the
 * first that is known.
 */
function resumed(risk: RiskState, record: Extract<KernelRecord, { type: 'resumed' }>): RiskState {
  const key = keyOf(record.scope)
  const halts: Partial<Record<HaltCause, Halt>> = { ...haltsIn(risk, key) }
  for (const cause of record.causes) delete halts[cause]
  const lifted = record.causes.includes('rejections') ? withoutStreak(risk) : risk
  const next: RiskState = { ...withHalts(lifted, key, halts), haltEpoch: risk.haltEpoch + 1 }
  if (record.unpriced === true) return withoutTripped(next, record.causes)
  if (record.operator === undefined || record.equity === undefined) return next
  return {
    ...next,
    ...(record.causes.includes('drawdown') ? { peakEquity: record.equity } : {}),
    ...(record.causes.includes('daily-loss') ? { dayStartEquity: record.equity } : {}),
  }
}

function withEquity(risk: RiskState, equity: string | undefined): RiskState {
  if (equity === undefined) return risk
  const peak = decimal(risk.peakEquity ?? '0')
  return decimal(equity).gt(peak) ? { ...risk, peakEquity: equity } : risk
}

function dayStart(equity: string | undefined): { readonly dayStartEquity?: string } {
  return equity === undefined ? {} : { dayStartEquity: equity }
}

function withoutDayStart(risk: RiskState): RiskState {
  const { dayStartEquity: _, ...rest } = risk
  return rest
}

function withoutTripped(risk: RiskState, causes: readonly HaltCause[]): RiskState {
  const { peakEquity, ...rest } = causes.includes('daily-loss') ? withoutDayStart(risk) : risk
  return peakEquity === undefined || causes.includes('drawdown') ? rest : { ...rest, peakEquity }
}
