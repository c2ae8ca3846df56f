import { messageOf, SwarmError } from '@tradeswarm/core'
import { type HaltScope, scopeOfKey } from '../risk/halt-scope.js'
import { type Halt, haltsIn } from '../risk/risk-state.js'
import { assertOperator, type SecretGate } from './authorise.js'
import { cancelEntriesIn, type HaltDetails, haltAgain } from './halt-desk.js'
import { alert, commit, type KernelRuntime } from './kernel-runtime.js'
import { keyOf, tellState } from './raise-halt.js'

/** Latches the kill switch in memory before anything else, then in the journal and in its stores; each may fail without the others. */
export function latchKillSwitch(runtime: KernelRuntime, reason: string, details: HaltDetails = {}): Promise<boolean> {
  const stored = runtime.killSwitch.engage(reason, runtime.clock.now(), keyOf(details.scope))
  noteKillSwitch(runtime, reason, details)
  return stored
}

/** How far a latch has got beyond memory. */
export type KeptLatch = {
  /** Resolves when stores and journal have answered, whatever they said. */
  readonly done: Promise<void>
  /** Throws `KILL_SWITCH_NOT_STORED` unless the stores or the journal are known to hold the latch by now. */
  assertSomewhere(): void
}

/** Follows a latch into its stores and the journal. It waits for no turn: what hangs in one must not hide where the latch is. */
export function keepKillSwitch(
  runtime: KernelRuntime,
  stored: Promise<boolean>,
  scope: HaltScope | undefined,
): KeptLatch {
  let isKept = false
  const inStores = stored.then((known) => {
    if (known) isKept = true
    else alert(runtime, 'KILL_SWITCH_NOT_STORED', 'the kill switch holds in memory, a store of its own failed')
  })
  const journal = async (): Promise<void> => {
    try {
      await runtime.journal.durable()
      if (haltsIn(runtime.state.risk, keyOf(scope))['kill-switch'] !== undefined) isKept = true
    } catch (thrown) {
      alert(runtime, 'KILL_SWITCH_NOT_JOURNALLED', `the kill switch is not in the journal: ${messageOf(thrown)}`)
    }
  }
  return {
    done: Promise.all([inStores, journal()]).then(() => undefined),
    assertSomewhere() {
      if (isKept) return
      throw new SwarmError({
        code: 'KILL_SWITCH_NOT_STORED',
        message:
          'the kill switch holds in memory, and neither its stores nor the journal are known to have it: a restart may lose it, kill again',
        retryability: 'retryable',
      })
    },
  }
}

/** Brings a latch that the books do not know of into them. */
function noteKillSwitch(runtime: KernelRuntime, reason: string, { scope, operator }: HaltDetails = {}): void {
  if (haltsIn(runtime.state.risk, keyOf(scope))['kill-switch'] !== undefined) return
  const scoped = scope === undefined ? {} : { scope }
  const by = operator === undefined ? {} : { operator }
  const time = runtime.clock.now()
  try {
    commit(runtime, { type: 'halted', time, cause: 'kill-switch', state: 'halted', reason, ...scoped, ...by })
  } catch (thrown) {
    alert(
      runtime,
      'KILL_SWITCH_NOT_JOURNALLED',
      `the kill switch holds in memory, the journal failed: ${messageOf(thrown)}`,
    )
  }
  tellState(runtime, reason, scope)
}

/** Reads the latch at the start. What the books or a store know of is engaged in both. */
export async function restoreKillSwitch(runtime: KernelRuntime): Promise<void> {
  const { killSwitch, clock, state } = runtime
  await killSwitch.load(clock.now())
  const booked = state.risk.halts['kill-switch']
  if (booked !== undefined && !killSwitch.engaged()) await killSwitch.engage(booked.reason, clock.now())
  for (const [key, halts] of Object.entries(state.risk.scopedHalts ?? {})) {
    const halt = halts['kill-switch']
    if (halt !== undefined && !killSwitch.scopes.has(key)) await killSwitch.engage(halt.reason, clock.now(), key)
  }
  if (killSwitch.engaged()) noteKillSwitch(runtime, killSwitch.reason())
  for (const [key, reason] of killSwitch.scopes) noteKillSwitch(runtime, reason, { scope: scopeOfKey(key) })
}

/** Cancels what the switch stops and rests at the venue. Its latch need not wait for that. */
export async function afterKill(runtime: KernelRuntime, reason: string, scope: HaltScope | undefined): Promise<void> {
  if (runtime.broker !== undefined) await cancelEntriesIn(runtime, scope, reason)
}

/** Releases the latch of one scope, as it was after `asked` engagements. Throws `NOT_AUTHORIZED`, `TOO_MANY_ATTEMPTS`, `KILL_SWITCH_NOT_RELEASED`; then it stays. */
export async function resetKillSwitch(
  runtime: KernelRuntime,
  gate: SecretGate,
  { operator, secret, scope }: { readonly operator: string; readonly secret: string; readonly scope?: HaltScope },
  asked: number,
): Promise<void> {
  if (!gate.isSet)
    throw new SwarmError({
      code: 'NOT_AUTHORIZED',
      message: 'the kill switch was not reset: this kernel was made without killSwitchSecretHash',
    })
  assertOperator(runtime, 'resetKillSwitch', operator)
  gate.check('resetKillSwitch', secret)
  runtime.killSwitch.assertLast(asked)
  const reason = `reset by ${operator}`
  const key = keyOf(scope)
  const scoped = scope === undefined ? {} : { scope }
  const time = runtime.clock.now()
  const booked = haltsIn(runtime.state.risk, key)['kill-switch']
  // The latch goes last: whatever fails on the way, or a crash, leaves it engaged.
  if (booked !== undefined)
    commit(runtime, { type: 'resumed', time, causes: ['kill-switch'], operator, reason, ...scoped })
  try {
    await runtime.journal.durable()
    await runtime.killSwitch.release(reason, time, key, asked)
  } catch (thrown) {
    if (booked !== undefined) bookAgain(runtime, booked, scope)
    throw thrown
  }
  tellState(runtime, reason, scope)
}

/** What stays engaged is in the books as it was: a reset that failed must hide it from nobody. */
function bookAgain(runtime: KernelRuntime, halt: Halt, scope: HaltScope | undefined): void {
  if (haltsIn(runtime.state.risk, keyOf(scope))['kill-switch'] !== undefined) return
  try {
    commit(runtime, haltAgain(runtime, 'kill-switch', halt, scope))
  } catch (thrown) {
    const message = `the kill switch stays engaged, and the journal took no record of that: ${messageOf(thrown)}`
    alert(runtime, 'KILL_SWITCH_NOT_JOURNALLED', message)
  }
}
