/** What the models of a swarm have done since it started. */
export type ModelStatistics = {
  /** Calls of a model, as they left the Analyst: a cache around the model may have answered some. */
  readonly calls: number
  readonly tokens: { readonly input: number; readonly output: number }
  /** In US dollars, of the calls that have a price. */
  readonly costUsd: string
  /** Calls without a price, or without a usage. */
  readonly unpriced: number
  /** Answers that were thrown away whole: they called a tool, though none is ever offered, or were longer than any right one. */
  readonly toolCalls: number
  readonly oversized: number
  readonly posts: AnswerCounts
  readonly opinions: AnswerCounts
  readonly debates: { readonly held: number; readonly cutShort: number }
}

/** How many were asked and taken, and why others were not. */
export type AnswerCounts = {
  readonly asked: number
  readonly accepted: number
  readonly rejected: Readonly<Record<string, number>>
}
