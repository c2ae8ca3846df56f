import type { LanguageModelV4 } from '@ai-sdk/provider'
import {
  assertKnownOptions,
  type ClockAndTimers,
  createSystemClock,
  type Service,
  type ServiceHost,
  SwarmError,
} from '@tradeswarm/core'
import { invalidOption } from '../invalid-option.js'
import type { ModelName } from './asked-call.js'
import { type CallSession, openCallSession } from './call-session.js'
import { recordedModel } from './recorded-model.js'

/** How a recorder works. */
export type ModelRecorderOptions = {
  /** How long a replay waits, in ms of the machine's time, for a call that ended earlier then and is not made now; default 10,000. */
  readonly patienceMs?: number
  /** Default the machine's: in a replay nothing takes virtual time. */
  readonly clock?: ClockAndTimers
}

/**
 * Writes what language models answer into the journal of a swarm, and gives it again when its run is repeated: a replay makes no call. The
 * journal holds hashes; what was asked and answered lies in the blob store, without bodies and headers of the provider.
 */
export type ModelRecorder = {
  /** One of the swarm's `services`. It serves one running swarm at a time, else `MODEL_RECORDER_IN_USE`. */
  readonly service: Service
  /**
   * The model for the swarm's agents. Let it lie around all else that is put around a model: whatever is inside may be as it likes, and what
   * is outside must not depend on the machine's clock or chance. A name instead of a model only replays.
   * Its calls throw `MODEL_RECORDER_NOT_STARTED` where no swarm runs the service, and `MODEL_REPLAY_DIVERGED`, which names the call and the
   * difference, where a repeated run asks something else.
   */
  record(model: LanguageModelV4 | ModelName): LanguageModelV4
}

/** Throws `INVALID_OPTION`. */
export function createModelRecorder(options: ModelRecorderOptions = {}): ModelRecorder {
  assertKnownOptions('createModelRecorder', options, ['patienceMs', 'clock'])
  const { patienceMs = 10_000, clock = createSystemClock() } = options
  if (!Number.isSafeInteger(patienceMs) || patienceMs < 1 || patienceMs > 86_400_000)
    throw invalidOption(
      'createModelRecorder',
      'patienceMs',
      `is ${String(patienceMs)}; give a whole number from 1 to 86,400,000`,
    )
  let session: CallSession | undefined
  let isTaken = false

  return {
    service: {
      name: 'model-recorder',
      async start(host: ServiceHost) {
        if (isTaken)
          throw new SwarmError({
            code: 'MODEL_RECORDER_IN_USE',
            message: 'a swarm that runs has this model recorder already: make another for this one',
          })
        isTaken = true
        session = await openCallSession(host, clock, patienceMs)
      },
      async stop() {
        isTaken = false
        session?.close()
        session = undefined
      },
    },
    record(model) {
      assertModel(model)
      return recordedModel(model, () => {
        if (session !== undefined) return session
        throw new SwarmError({
          code: 'MODEL_RECORDER_NOT_STARTED',
          message:
            'a recorded model was asked, and no running swarm has its recorder: add recorder.service to the services of the swarm',
        })
      })
    },
  }
}

function assertModel(model: LanguageModelV4 | ModelName): void {
  const { provider, modelId } = (model ?? {}) as Partial<ModelName>
  const isModel = !('doGenerate' in Object(model)) || (model as LanguageModelV4).specificationVersion === 'v4'
  if (typeof provider === 'string' && typeof modelId === 'string' && isModel) return
  throw invalidOption(
    'createModelRecorder',
    'record',
    "needs a model object of the AI SDK 7, such as openai('gpt-5-mini'), or { provider, modelId }",
  )
}
