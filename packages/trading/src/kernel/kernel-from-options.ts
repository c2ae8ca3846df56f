import { type Random, SwarmError, shown } from '@tradeswarm/core'
import { assertMarketEvent } from '../market/assert-market-event.js'
import type { BarEvent, MarketEvent } from '../market/market-event.js'
import { decimal, zero } from '../money/decimal.js'
import { createKillSwitch } from '../risk/kill-switch.js'
import { riskPolicy } from '../risk/risk-policy.js'
import { automaticHaltDefaults } from './automatic-halts.js'
import { completeConversion } from './book-movement.js'
import { createKernelRuntime } from './create-kernel-runtime.js'
import { completeDividends } from './dividend-desk.js'
import { checkKernelOptions, kernelDefaults, storesOf, type TradingKernelOptions } from './kernel-options.js'
import type { KernelRecord } from './kernel-record.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'
import { restoreKernelState } from './kernel-snapshot.js'
import { emptyKernelState, type KernelState } from './kernel-state.js'
import { replayRecords } from './rebuild-kernel-state.js'
import { bookLastWord } from './venue-word.js'
import type { Within } from './within.js'

/** The runtime of a kernel that was not started: with the books of its history, or with those of a new account. */
export function runtimeFrom(options: TradingKernelOptions, within: Within, killTimeoutMs: number): KernelRuntime {
  checkKernelOptions(options)
  const { brokerContext, calendar, journal, logger, account, currency, definition, operators } = options
  const policy = riskPolicy(options.policy)
  const history = [...(options.history ?? [])]
  const before = options.snapshot === undefined ? undefined : snapshotOf(account, options.snapshot)
  const isNew = history.length === 0 && before === undefined
  const runtime = createKernelRuntime({
    state: isNew ? emptyKernelState(currency, options.lots) : replayRecords(history, before),
    clock: brokerContext.clock,
    ids: brokerContext.ids,
    calendar,
    logger,
    journal,
    rules: options.rules,
    riskInputs: options.riskInputs,
    account,
    mode: definition.mode,
    venue: definition.name,
    limits: { ...automaticHaltDefaults, ...options.automaticHalts },
    lease: options.lease,
    hasTimers: options.timers !== undefined,
    needsApproval: options.needsApproval,
    reconcileEveryMs: options.reconcileEveryMs ?? kernelDefaults.reconcileEveryMs,
    approvalLifetimeMs: options.approvalLifetimeMs ?? kernelDefaults.approvalLifetimeMs,
    operators: operators === undefined ? undefined : new Set(operators),
    permitKey: options.permitKey ?? drawnKey(brokerContext.random),
    killSwitch: createKillSwitch({
      stores: storesOf(options.killSwitchStore),
      logger,
      within: (what, work) => within(killTimeoutMs, what, work),
    }),
  })
  for (const bar of checkedBars(options.pastBars ?? [])) runtime.market.takeBar(bar)
  const last = history.at(-1)?.payload as KernelRecord | undefined
  if (last !== undefined && last.type !== 'account-opened' && !isOpening(last, account)) {
    bookLastWord(runtime, last)
    completeConversion(runtime, last)
    completeDividends(runtime)
    return runtime
  }
  // A snapshot is taken between two turns: what moved the books last is in it.
  if (before !== undefined) return runtime
  const openings = openingsOf(options)
  const time = runtime.clock.now()
  const lots = options.lots === undefined ? {} : { lots: options.lots }
  // A journal that was cut off after one of these records lacks the next ones; what is booked already is not booked again.
  if (last === undefined) commit(runtime, { type: 'account-opened', time, account, currency, policy, ...lots })
  for (const opening of openings) commit(runtime, { type: 'booked', time, event: { ...opening, time } })
  return runtime
}

/** What is no bar is refused before the first is taken. */
function checkedBars(bars: readonly BarEvent[]): readonly BarEvent[] {
  for (const [index, bar] of bars.entries()) {
    assertMarketEvent(bar)
    if (bar.type === 'bar') continue
    const option = `pastBars[${index}]`
    const message = `createTradingKernel: ${option} is of type ${shown((bar as MarketEvent).type)}; it must be a daily bar`
    throw new SwarmError({ code: 'INVALID_OPTION', message, context: { option } })
  }
  return bars
}

/** The account's own currency first; the others by name. */
function openingsOf({ deposits, account, currency }: TradingKernelOptions) {
  const given = typeof deposits === 'string' ? { [currency]: deposits } : { [currency]: '0', ...deposits }
  const eventId = `opening-${account}`
  const others = Object.keys(given).filter((name) => name !== currency)
  const amountOf = (name: string): string => {
    const option = typeof deposits === 'string' ? 'deposits' : `deposits.${name}`
    const amount = decimal(given[name] ?? '', option)
    if (!amount.lt(zero)) return amount.toFixed()
    throw new SwarmError({
      code: 'INVALID_OPTION',
      message: `createTradingKernel: ${option} is ${given[name]}; an account starts with 0 or more`,
      context: { option },
    })
  }
  return [
    { type: 'deposit', eventId, amount: amountOf(currency) } as const,
    ...others.sort().map((name) => {
      return { type: 'deposit', eventId: `${eventId}-${name}`, amount: amountOf(name), currency: name } as const
    }),
  ]
}

function isOpening(record: KernelRecord, account: string): boolean {
  return (
    record.type === 'booked' && record.event.type === 'deposit' && record.event.eventId.startsWith(`opening-${account}`)
  )
}

function snapshotOf(account: string, snapshot: string): KernelState {
  const state = restoreKernelState(snapshot)
  if (state.account === account) return state
  throw new SwarmError({
    code: 'KERNEL_SNAPSHOT_INVALID',
    message: `the kernel's snapshot is of account "${state.account}", and this kernel keeps account "${account}"`,
  })
}

/** A stream of its own, so that drawing it moves no other. It need not be secret: in one process orders are known by identity. */
function drawnKey(random: Random): string {
  const draws = random.fork('permit key')
  return Array.from({ length: 8 }, () =>
    Math.floor(draws.next() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
}
