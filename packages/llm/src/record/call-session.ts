import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { type ClockAndTimers, modelCallKind, type ServiceHost, SwarmError, sha256Hex } from '@tradeswarm/core'
import type { CallMode } from '../cache/cache-key.js'
import { type AskedCall, agentOf, askedCall, type ModelName, nameOf } from './asked-call.js'
import { callDifference } from './call-difference.js'
import { createRecordedCalls, type RecordedCall, type RecordedCalls, readRecordedCalls } from './recorded-calls.js'
import { type Outcome, outcomeText, readOutcome } from './recorded-outcome.js'

/** One life of a swarm: the calls that its agents make, in its journal. */
export type CallSession = {
  /** Numbers a call, in the order in which they begin. Throws `MODEL_CALL_NOT_RECORDABLE`. */
  begin(model: ModelName, mode: CallMode, params: LanguageModelV4CallOptions): AskedCall
  /**
   * What was answered then; `undefined` for a call that is to be made. Rejects with `MODEL_REPLAY_DIVERGED` for a call that was another then, or
   * none, and with `REPLAY_TEXT_ERASED`.
   */
  recorded(call: AskedCall): Promise<RecordedAnswer | undefined>
  /** Writes what came of a call that was made, and gives it as a replay would. */
  note(call: AskedCall, outcome: Outcome): Outcome
  /** The swarm has stopped: what ends after it is not written, and its caller is told. */
  close(): void
}

/** An answer of then, and what says that it ends now: it waits until all that ended before it has ended, and is written again. */
export type RecordedAnswer = { readonly outcome: Outcome; end(): Promise<void> }

/** Reads what was recorded, if a recorded run runs again. */
export async function openCallSession(
  host: ServiceHost,
  clock: ClockAndTimers,
  patienceMs: number,
): Promise<CallSession> {
  const { recorded } = host
  const counts = new Map<string, number>()
  let isClosed = false
  const calls: RecordedCalls | undefined =
    recorded === undefined
      ? undefined
      : createRecordedCalls(await readRecordedCalls(recorded.entries(modelCallKind)), clock, patienceMs)

  function append(call: AskedCall, more: Readonly<Record<string, unknown>>): void {
    const { agent, number, model, mode, hash } = call
    const payload = { agent, number, model, mode, call: hash, ...more }
    host.append({ id: host.ids.next(modelCallKind), kind: modelCallKind, time: host.clock.now(), payload })
  }

  /** Its entry says what differs, so that whoever compares the journals is told. */
  function diverged(
    call: AskedCall,
    why: string,
    context: Readonly<Record<string, unknown>> = {},
    code = 'MODEL_REPLAY_DIVERGED',
  ): SwarmError {
    const message = `${nameOf(call)}: ${why}`
    append(call, { difference: message })
    const { agent, number, model } = call
    const error = new SwarmError({
      code,
      message: `${message}; the recorded run cannot be repeated from here on`,
      context: { agent, number, model, ...context },
    })
    calls?.fail(error)
    return error
  }

  async function differing(call: AskedCall, then: RecordedCall): Promise<SwarmError> {
    const text = await host.readBlob(then.call)
    if (text === undefined) return diverged(call, `it is not the one of then, whose text ${then.call} was erased`)
    const difference = callDifference(text, call.text)
    const { field, recorded: was, asked } = difference
    return diverged(call, `${field} was ${was} and is now ${asked}`, difference)
  }

  const stuck = (call: AskedCall) => (missing: RecordedCall) =>
    diverged(call, `it waits for ${nameOf(missing)}, which ended before it then and is not made now`)

  return {
    begin(model, mode, params) {
      const agent = agentOf(params)
      const number = (counts.get(agent) ?? 0) + 1
      counts.set(agent, number)
      return askedCall(model, mode, params, number)
    },
    async recorded(call) {
      if (calls === undefined) return undefined
      const then = calls.find(call.agent, call.number)
      if (then === undefined) {
        // Until the record is over, what is not in it had not ended.
        await calls.turn(undefined, stuck(call))
        if (recorded?.goesOn === true) return undefined
        throw diverged(call, 'it is not in the record')
      }
      if (then.call !== call.hash) throw await differing(call, then)
      const text = await host.readBlob(then.answer)
      if (text === undefined) {
        const why = `its answer ${then.answer} is gone from the blob store`
        throw diverged(call, why, { erased: [then.answer] }, 'REPLAY_TEXT_ERASED')
      }
      if (sha256Hex(text) !== then.answer)
        throw diverged(call, `its answer ${then.answer} was altered in the blob store`)
      return {
        outcome: readOutcome(text),
        async end() {
          await calls.turn(then, stuck(call))
          append(call, { answer: then.answer })
          calls.given()
        },
      }
    },
    note(call, outcome) {
      if (isClosed)
        throw new SwarmError({
          code: 'MODEL_RECORDER_NOT_STARTED',
          message: `${nameOf(call)} ended after its swarm had stopped: its answer is in no journal`,
        })
      const text = outcomeText(outcome)
      host.putBlob(call.text)
      append(call, { answer: host.putBlob(text) })
      return readOutcome(text)
    },
    close() {
      isClosed = true
    },
  }
}
