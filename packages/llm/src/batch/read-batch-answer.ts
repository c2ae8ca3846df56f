import { z } from 'zod'
import type { BatchTask } from './batch-task.js'

/** What became of each item of a batch, by its id. */
export type ReadItem<Answer> =
  | {
      readonly answer: Answer /** As the model gave it, before the schema changed anything. */
      readonly given: unknown
    }
  | { readonly fault: 'missing' | 'answered-twice' | 'outside-schema'; readonly detail: string }

/** What a model made of a batch. */
export type ReadBatch<Answer> = {
  readonly items: ReadonlyMap<string, ReadItem<Answer>>
  /** Answers with an id that nobody gave out. */
  readonly unknownIds: number
}

const batch = z.object({ answers: z.array(z.object({ id: z.string(), answer: z.unknown() })) })

/** Reads an answer item by item: what is wrong with one says nothing of the others. Never throws. */
export function readBatchAnswer<Item, Answer>(
  task: BatchTask<Item, Answer>,
  ids: readonly string[],
  text: string,
): ReadBatch<Answer> {
  const answers = answersIn(text)
  const byId = new Map<string, unknown[]>(ids.map((id) => [id, []]))
  let unknownIds = 0
  for (const { id, answer } of answers) {
    const known = byId.get(id)
    if (known === undefined) unknownIds += 1
    else known.push(answer)
  }
  return { items: new Map([...byId].map(([id, given]) => [id, readItem(task, given)])), unknownIds }
}

function answersIn(text: string): readonly { readonly id: string; readonly answer?: unknown }[] {
  try {
    return batch.parse(JSON.parse(text)).answers
  } catch {
    return []
  }
}

function readItem<Item, Answer>(task: BatchTask<Item, Answer>, given: readonly unknown[]): ReadItem<Answer> {
  if (given.length === 0) return { fault: 'missing', detail: 'it has no answer' }
  // Nobody knows which of two is meant, and one may be forged by the text of another item.
  if (given.length > 1) return { fault: 'answered-twice', detail: `it has ${given.length} answers` }
  const parsed = task.schema.safeParse(given[0])
  if (parsed.success) return { answer: parsed.data, given: given[0] }
  const [issue] = parsed.error.issues
  return { fault: 'outside-schema', detail: `${issue?.path.join('.') || 'the answer'}: ${issue?.message}` }
}
