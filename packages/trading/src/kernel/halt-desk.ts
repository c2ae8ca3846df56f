import { messageOf, SwarmError, sha256Hex } from '@tradeswarm/core'
import { decimalText } from '../money/decimal.js'
import { type RiskPolicyInput, riskPolicy } from '../risk/risk-policy.js'
import type { HaltCause } from '../risk/risk-state.js'
import { alert, commit, equityOf, type KernelRuntime, tradingState } from './kernel-runtime.js'
import { cancelUnprotective } from './protection-desk.js'

/** An operator's halt. In `halted` entries that rest are cancelled; protective orders and exits on the way stay. It never loosens one. */
export async function halt(runtime: KernelRuntime, state: 'reducing' | 'halted', reason: string): Promise<void> {
  if (state === 'reducing' && runtime.state.risk.halts.operator?.state === 'halted') return
  commit(runtime, { type: 'halted', time: runtime.clock.now(), cause: 'operator', state, reason })
  tellState(runtime, reason)
  if (state === 'halted') await cancelUnprotective(runtime, undefined, reason)
}

/** The Risk Manager's halt: entries stop until a person resumes. Asked again while it lasts, it changes nothing. */
export function reduceForAgent(runtime: KernelRuntime, reason: string): void {
  if (runtime.state.risk.halts.agent !== undefined) return
  commit(runtime, { type: 'halted', time: runtime.clock.now(), cause: 'agent', state: 'reducing', reason })
  tellState(runtime, reason)
}

/** Lifts every halt but the kill switch. Throws `NOT_AUTHORIZED` without an operator's name. */
export function resume(
  runtime: KernelRuntime,
  { operator, reason }: { readonly operator: string; readonly reason: string },
): void {
  if (operator.trim() === '')
    throw new SwarmError({
      code: 'NOT_AUTHORIZED',
      message: 'resume: operator is empty; trading is resumed by a person, by name',
    })
  const causes = (Object.keys(runtime.state.risk.halts) as HaltCause[])
    .filter((cause) => cause !== 'kill-switch')
    .sort()
  if (causes.length === 0) return
  const equity = equityOf(runtime)
  const rebased = equity === undefined ? {} : { equity: decimalText(equity) }
  commit(runtime, { type: 'resumed', time: runtime.clock.now(), causes, operator, reason, ...rebased })
  tellState(runtime, `resumed by ${operator}: ${reason}`)
}

/** Latches the kill switch in memory before anything else, then in the journal and in the store; each may fail without the others. */
export function latchKillSwitch(runtime: KernelRuntime, reason: string): Promise<boolean> {
  const time = runtime.clock.now()
  const stored = runtime.killSwitch.engage(reason, time)
  noteKillSwitch(runtime, reason)
  return stored
}

/** Brings a latch that the books do not know of into them. */
export function noteKillSwitch(runtime: KernelRuntime, reason: string): void {
  if (runtime.state.risk.halts['kill-switch'] !== undefined) return
  try {
    commit(runtime, { type: 'halted', time: runtime.clock.now(), cause: 'kill-switch', state: 'halted', reason })
  } catch (thrown) {
    alert(
      runtime,
      'KILL_SWITCH_NOT_JOURNALLED',
      `the kill switch holds in memory, the journal failed: ${messageOf(thrown)}`,
    )
  }
  tellState(runtime, reason)
}

/** Waits until the journal holds the latch. Throws `KILL_SWITCH_NOT_STORED` where neither the journal nor the latch's own store does. */
export async function keepKillSwitch(runtime: KernelRuntime, isStored: boolean): Promise<void> {
  try {
    await runtime.journal.durable()
    if (runtime.state.risk.halts['kill-switch'] !== undefined) return
  } catch (thrown) {
    alert(runtime, 'KILL_SWITCH_NOT_JOURNALLED', `the kill switch is not in the journal: ${messageOf(thrown)}`)
  }
  if (isStored) return
  throw new SwarmError({
    code: 'KILL_SWITCH_NOT_STORED',
    message:
      'the kill switch holds in memory, and neither its store nor the journal took it: a restart would lose it, kill again',
    retryability: 'retryable',
  })
}

/** Releases the latch. Throws `NOT_AUTHORIZED` unless an operator gives the secret, and what journal and store throw; then it stays. */
export async function resetKillSwitch(
  runtime: KernelRuntime,
  secretHash: string | undefined,
  { operator, secret }: { readonly operator: string; readonly secret: string },
): Promise<void> {
  if (secretHash === undefined || operator.trim() === '' || sha256Hex(secret) !== secretHash) {
    const why =
      secretHash === undefined ? 'this kernel was made without killSwitchSecretHash' : 'operator or secret is wrong'
    throw new SwarmError({ code: 'NOT_AUTHORIZED', message: `the kill switch was not reset: ${why}` })
  }
  const reason = `reset by ${operator}`
  // The latch goes last: whatever fails on the way, or a crash, leaves it engaged.
  if (runtime.state.risk.halts['kill-switch'] !== undefined)
    commit(runtime, { type: 'resumed', time: runtime.clock.now(), causes: ['kill-switch'], operator, reason })
  await runtime.journal.durable()
  await runtime.killSwitch.release(reason, runtime.clock.now())
  tellState(runtime, reason)
}

/** Puts another policy in force; permits given under the one before no longer hold. Throws `NOT_AUTHORIZED`, `INVALID_RISK_POLICY`. */
export function changePolicy(
  runtime: KernelRuntime,
  input: RiskPolicyInput,
  { operator, reason }: { readonly operator: string; readonly reason: string },
): void {
  if (operator.trim() === '')
    throw new SwarmError({
      code: 'NOT_AUTHORIZED',
      message: 'changePolicy: operator is empty; a policy is changed by name',
    })
  commit(runtime, { type: 'policy-changed', time: runtime.clock.now(), policy: riskPolicy(input), operator, reason })
}

function tellState(runtime: KernelRuntime, reason: string): void {
  runtime.outbox.push({ type: 'trading-state', state: tradingState(runtime).state, reason, time: runtime.clock.now() })
}
