import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { SwarmError } from '@tradeswarm/core'
import { untilAborted } from '../single-flight/shared-call.js'
import { type AskedCall, type ModelName, nameOf } from './asked-call.js'
import type { CallSession, RecordedAnswer } from './call-session.js'
import { errorOf, failureOf } from './recorded-failure.js'
import { type Outcome, partText, readPart } from './recorded-outcome.js'

type AnyModel = LanguageModelV4 | ModelName

/** A model whose calls `session` records, or answers from its record. */
export function recordedModel(model: AnyModel, session: () => CallSession): LanguageModelV4 {
  async function generate(params: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const now = session()
    const call = now.begin(model, 'generate', params)
    const then = await now.recorded(call)
    if (then !== undefined) {
      await then.end()
      return answerOf(then.outcome)
    }
    const asked = askable(model, call)
    let outcome: Outcome
    let cause: unknown
    try {
      outcome = { result: await asked.doGenerate(params) }
    } catch (error) {
      cause = error
      outcome = { failure: failureOf(error) }
    }
    return answerOf(now.note(call, outcome), cause)
  }

  async function stream(params: LanguageModelV4CallOptions): Promise<ReadableStream<LanguageModelV4StreamPart>> {
    const now = session()
    const call = now.begin(model, 'stream', params)
    const then = await now.recorded(call)
    if (then !== undefined) return replayedStream(then, call)
    const asked = askable(model, call)
    try {
      return recordedStream((await asked.doStream(params)).stream, (outcome) => now.note(call, outcome))
    } catch (error) {
      const { failure } = now.note(call, { failure: failureOf(error) })
      throw failure === undefined ? error : errorOf(failure, error)
    }
  }

  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return 'supportedUrls' in model ? model.supportedUrls : {}
    },
    async doGenerate(params) {
      params.abortSignal?.throwIfAborted()
      return untilAborted(generate(params), params.abortSignal)
    },
    async doStream(params) {
      params.abortSignal?.throwIfAborted()
      return { stream: await untilAborted(stream(params), params.abortSignal) }
    },
  }
}

function answerOf({ result, failure }: Outcome, cause?: unknown): LanguageModelV4GenerateResult {
  if (failure !== undefined) throw errorOf(failure, cause)
  if (result !== undefined) return result
  throw new SwarmError({ code: 'RUN_UNREADABLE', message: 'a recorded call has no answer' })
}

function askable(model: AnyModel, call: AskedCall): LanguageModelV4 {
  if ('doGenerate' in model) return model
  throw new SwarmError({
    code: 'MODEL_CALL_NOT_RECORDED',
    message: `${nameOf(call)} is not in the record, and there is no model to ask: give the recorder a model object instead of its name`,
  })
}

/** Bodies of the provider, and signs of life, are no part of an answer. */
function isKept(part: LanguageModelV4StreamPart): boolean {
  return part.type !== 'raw' && part.type !== 'ping'
}

/** Reads as its own reader does, and no further: what was not read was not answered. */
function recordedStream(
  source: ReadableStream<LanguageModelV4StreamPart>,
  note: (outcome: Outcome) => Outcome,
): ReadableStream<LanguageModelV4StreamPart> {
  const reader = source.getReader()
  const parts: string[] = []
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        try {
          let next = await reader.read()
          while (!next.done && !isKept(next.value)) next = await reader.read()
          if (next.done) {
            note({ parts })
            controller.close()
            return
          }
          const text = partText(next.value)
          parts.push(text)
          controller.enqueue(readPart(text))
        } catch (error) {
          const { failure } = note({ parts, failure: failureOf(error) })
          controller.error(failure === undefined ? error : errorOf(failure, error))
        }
      },
      async cancel(reason) {
        note({ parts, isCancelled: true })
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

async function replayedStream(
  { outcome, end }: RecordedAnswer,
  call: AskedCall,
): Promise<ReadableStream<LanguageModelV4StreamPart>> {
  const { parts, failure, isCancelled } = outcome
  if (parts === undefined) {
    await end()
    throw failure === undefined
      ? new SwarmError({ code: 'RUN_UNREADABLE', message: `${nameOf(call)}: its stream has no parts` })
      : errorOf(failure)
  }
  let position = 0
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        const text = parts[position]
        position += 1
        if (text !== undefined) return controller.enqueue(readPart(text))
        await end()
        if (isCancelled === true)
          controller.error(
            new SwarmError({
              code: 'MODEL_REPLAY_DIVERGED',
              message: `${nameOf(call)}: its stream was read no further than ${parts.length} parts then`,
            }),
          )
        else if (failure === undefined) controller.close()
        else controller.error(errorOf(failure))
      },
      cancel: () => end(),
    },
    { highWaterMark: 0 },
  )
}
