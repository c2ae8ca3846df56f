import { type Random, SwarmError } from '@tradeswarm/core'
import { decimal } from '../money/decimal.js'
import { createKillSwitch } from '../risk/kill-switch.js'
import { riskPolicy } from '../risk/risk-policy.js'
import { automaticHaltDefaults } from './automatic-halts.js'
import { createKernelRuntime } from './create-kernel-runtime.js'
import { checkKernelOptions, kernelDefaults, storesOf, type TradingKernelOptions } from './kernel-options.js'
import type { KernelRecord } from './kernel-record.js'
import { commit, type KernelRuntime } from './kernel-runtime.js'
import { emptyKernelState, type KernelState, restoreKernelState } from './kernel-state.js'
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
  const last = history.at(-1)?.payload as KernelRecord | undefined
  if (last !== undefined && last.type !== 'account-opened') {
    bookLastWord(runtime, last)
    return runtime
  }
  // A snapshot is taken between two turns: what moved the books last is in it.
  if (before !== undefined) return runtime
  const amount = decimal(options.deposits, 'deposits').toFixed()
  const time = runtime.clock.now()
  const lots = options.lots === undefined ? {} : { lots: options.lots }
  // A journal that was cut off after its first record has no opening balance yet.
  if (last === undefined) commit(runtime, { type: 'account-opened', time, account, currency, policy, ...lots })
  commit(runtime, { type: 'booked', time, event: { type: 'deposit', eventId: `opening-${account}`, time, amount } })
  return runtime
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
