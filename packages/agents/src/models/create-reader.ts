import { defineBatchTask } from '@tradeswarm/llm'
import type { z } from 'zod'
import type { ReadPosts } from '../messages/model-messages.js'
import { createAnswerCounter } from './count-faults.js'
import { costOf, type ModelDesk, partsOf } from './model-desk.js'
import type { AnswerCounts } from './model-statistics.js'
import { analystPrompts } from './prompts/prompts.js'
import { quoteText } from './quote-text.js'
import type { Reading } from './reading.js'

type ReadAnswer = z.input<(typeof ReadPosts)['output']>

/** A post to be read. */
export type PostToRead = {
  readonly symbol: string
  readonly source: string
  readonly id: string
  /** Untrusted; undefined where it was erased. */
  readonly text: string | undefined
}

/** Shows posts to the reader model: the only place where strangers' text goes into a prompt. */
export type PostReader = {
  read(posts: readonly PostToRead[]): Promise<ReadAnswer>
  counts(): AnswerCounts
}

/** Posts about different symbols never share a call: one that talks its reader round spoils no other symbol's. */
export function createReader(desk: ModelDesk): PostReader {
  const counter = createAnswerCounter()
  const task = defineBatchTask<PostToRead, Reading>({
    ...partsOf(analystPrompts.reader),
    // Not who wrote it, where, or under which id: those are strangers' texts too.
    item: ({ symbol, text = '' }) => ({ instrument: symbol, text: quoteText(text) }),
    trust: 'scraped',
    call: desk.config.call,
  })
  const ask = desk.asking('reader', task)

  return {
    async read(posts) {
      counter.ask(posts.length)
      const shown = posts.filter(({ text }) => text !== undefined)
      const { result, usd } = await desk.within((signal) =>
        // Without a session: what a post says stays the same, and is not asked again.
        ask(shown, ({ symbol }) => ({ tenant: symbol, context: { agent: 'analyst' }, signal })),
      )
      const readings: ReadAnswer['readings'] = []
      const rejected: ReadAnswer['rejected'] = []
      for (const post of posts) {
        const { text, ...key } = post
        const asked = text === undefined ? ({ fault: 'text-erased' } as const) : result[shown.indexOf(post)]
        if (asked !== undefined && 'answer' in asked) {
          counter.accept()
          readings.push({ ...key, reading: asked.answer })
        } else {
          const fault = asked?.fault ?? 'failed'
          counter.reject(fault)
          rejected.push({ ...key, fault })
        }
      }
      return { readings, rejected, uses: readings.length === 0 ? [] : [desk.useOf('reader')], ...costOf({ usd }) }
    },
    counts: counter.counts,
  }
}
