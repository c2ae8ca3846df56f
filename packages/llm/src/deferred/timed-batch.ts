import type {
  Experimental_BatchV4ItemResult as BatchItemResult,
  Experimental_BatchV4 as ProviderBatch,
} from '@ai-sdk/provider'
import { type ClockAndTimers, createTimeout, createTimerDeadlines } from '@tradeswarm/core'

/** Batch endpoints each of whose requests gives up after a while, the reading of results as a whole. */
export function timedBatch(batch: ProviderBatch, clock: ClockAndTimers, timeoutMs: number): ProviderBatch {
  const policy = createTimeout({ clock, timeoutMs, deadlines: createTimerDeadlines(clock) })
  const timed =
    <Options, Result>(ask: (options: Options) => PromiseLike<Result>) =>
    (options: Options): Promise<Result> =>
      policy.execute(({ signal }) => ask({ ...options, abortSignal: signal }))
  const { doCancelBatch, doListBatches } = batch
  return {
    specificationVersion: 'v4',
    provider: batch.provider,
    get supportedUrls() {
      return batch.supportedUrls
    },
    doStartBatch: timed((options) => batch.doStartBatch(options)),
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
