import type {
  Experimental_BatchV4ItemResult as BatchItemResult,
  Experimental_BatchV4 as ProviderBatch,
} from '@ai-sdk/provider'
import { type ClockAndTimers, createTimeout, createTimerDeadlines } from '@tradeswarm/core'

type StartOptions = Parameters<ProviderBatch['doStartBatch']>[0]
type Started = Awaited<ReturnType<ProviderBatch['doStartBatch']>>

/** Batch endpoints that say when a start is over for which nobody waits any more. */
export type TimedBatch = ProviderBatch & {
  /** `answer` gives up after a while; `over` settles when nothing is on its way any more, whatever came of it. */
  start(options: StartOptions): { readonly answer: Promise<Started>; readonly over: Promise<void> }
}

/**
 * Batch endpoints each of whose requests gives up after a while, the reading of results as a whole. A start is not called off: Node's `fetch`
 * throws where nobody can catch it when a form is aborted that it still reads, and the process would end.
 */
export function timedBatch(batch: ProviderBatch, clock: ClockAndTimers, timeoutMs: number): TimedBatch {
  const policy = createTimeout({ clock, timeoutMs, deadlines: createTimerDeadlines(clock) })
  const timed =
    <Options, Result>(ask: (options: Options) => PromiseLike<Result>) =>
    (options: Options): Promise<Result> =>
      policy.execute(({ signal }) => ask({ ...options, abortSignal: signal }))
  const start: TimedBatch['start'] = (options) => {
    const starting = Promise.resolve(batch.doStartBatch(options))
    const settled = (): void => undefined
    return { answer: policy.execute(() => starting), over: starting.then(settled, settled) }
  }
  const { doCancelBatch, doListBatches } = batch
  return {
    specificationVersion: 'v4',
    provider: batch.provider,
    get supportedUrls() {
      return batch.supportedUrls
    },
    start,
    doStartBatch: (options) => start(options).answer,
    doGetBatchStatus: timed((options) => batch.doGetBatchStatus(options)),
    doGetBatchResults: timed(async (options) => {
      const results: BatchItemResult[] = []
      for await (const result of await batch.doGetBatchResults(options)) results.push(result)
      return new ReadableStream<BatchItemResult>({
        start(controller) {
          for (const result of results) controller.enqueue(result)
          controller.close()
        },
      })
    }),
    ...(doCancelBatch === undefined ? {} : { doCancelBatch: timed(doCancelBatch.bind(batch)) }),
    ...(doListBatches === undefined ? {} : { doListBatches: timed(doListBatches.bind(batch)) }),
  }
}
