import type { Execution } from './broker.js'
import { noted, nothingNoted } from './noted.js'
import type { OrderState } from './order-state.js'

/** An order keeps so many executions in one record; from there on they lie in buckets, so that one more costs no copy of all. */
const flatLimit = 32
const buckets = 64

type Books = Pick<OrderState, 'executions' | 'executionBuckets'>
type WritableBooks = { -readonly [Key in keyof Books]: Books[Key] }

/** An execution as the venue first told it. */
export function toldExecution({ executions, executionBuckets }: Books, tradeId: string): Execution | undefined {
  return executionBuckets === undefined
    ? noted(executions, tradeId)
    : noted(executionBuckets[bucketOf(tradeId)] ?? nothingNoted, tradeId)
}

/** All executions of an order as the venue first told them, by trade id. */
export function toldExecutions({ executions, executionBuckets }: Books): Readonly<Record<string, Execution>> {
  if (executionBuckets === undefined) return executions
  // From entries, since an id may be `__proto__`, which an assignment takes for something else.
  return Object.fromEntries(Object.values(executionBuckets).flatMap((bucket) => Object.entries(bucket)))
}

/** Puts an execution in the place of another of its trade id, or beside the others. Where it lies follows from their number alone. */
export function putExecution(draft: WritableBooks, execution: Execution): void {
  const { tradeId } = execution
  if (draft.executionBuckets === undefined) {
    if (draft.executions === nothingNoted) {
      draft.executions = { [tradeId]: execution }
      return
    }
    draft.executions = { ...draft.executions, [tradeId]: execution }
    if (Object.keys(draft.executions).length <= flatLimit) return
    const filled: Record<number, (readonly [tradeId: string, Execution])[]> = {}
    for (const each of Object.values(draft.executions)) {
      const key = bucketOf(each.tradeId)
      filled[key] ??= []
      filled[key].push([each.tradeId, each])
    }
    draft.executionBuckets = Object.fromEntries(
      Object.entries(filled).map(([key, bucket]) => [key, Object.fromEntries(bucket)]),
    )
    draft.executions = {}
    return
  }
  const key = bucketOf(tradeId)
  const bucket = { ...draft.executionBuckets[key], [tradeId]: execution }
  draft.executionBuckets = { ...draft.executionBuckets, [key]: bucket }
}

/** A number that follows from the text, below the number of buckets. */
function bucketOf(tradeId: string): number {
  let hash = 7
  for (let index = 0; index < tradeId.length; index += 1) hash = (hash * 31 + tradeId.charCodeAt(index)) % 1_000_003
  return hash % buckets
}
