import type { IntentFormed, OutcomeRecorded, RecommendationIssued, SignalAggregated } from '@tradeswarm/agents'
import type { PayloadOf } from '@tradeswarm/core'
import type { Explanation } from '../runs/explain-order.js'
import type { RunMessage } from '../runs/run-records.js'
import { oneLineText } from './one-line-text.js'

/** An explanation for a person: from cash back to the posts, one fact a line. */
export function renderExplanation(explanation: Explanation): readonly string[] {
  const { order, permit } = explanation
  const { request } = order
  const price = request.limitPrice ?? request.stopPrice
  return [
    `Order ${order.orderId}: ${request.side} ${request.quantity} ${request.symbol}, ${request.type}${price === undefined ? '' : ` at ${price}`}, ${request.timeInForce} (${order.purpose})`,
    `  chain ${order.correlationId}`,
    '',
    'Books',
    ...bookingLines(explanation),
    'Order',
    ...explanation.happenings.map(({ time, event }) => `  ${instant(time)}  ${event.type}${detail(event)}`),
    'Permit',
    ...permitLines(permit),
    ...section('Intent', explanation.intent, intentLines),
    ...section('Recommendation', explanation.recommendation, recommendationLines),
    ...modelLines(explanation),
    ...section('Signal', explanation.signal, signalLines),
    ...postLines(explanation),
    ...(explanation.siblings.length === 0
      ? []
      : [
          'Orders of the same intent',
          ...explanation.siblings.map(({ orderId, purpose }) => `  ${orderId} (${purpose})`),
        ]),
    ...section('Outcome', explanation.outcome, outcomeLines),
  ]
}

function section(
  title: string,
  message: RunMessage | undefined,
  lines: (message: RunMessage) => readonly string[],
): readonly string[] {
  return message === undefined
    ? []
    : [`${title}  ${message.id}, ${instant(message.time)}, by ${message.publisher}`, ...lines(message)]
}

function bookingLines({ bookings }: Explanation): readonly string[] {
  if (bookings.length === 0) return ['  nothing was executed']
  return bookings.flatMap(({ entry }) => [
    `  ${instant(entry.time)}  ${entry.entryId} (${entry.kind}, event ${entry.eventId})${entry.realised === undefined ? '' : `, realised ${entry.realised}`}`,
    ...entry.postings.map(({ account, amount, asset }) => `    ${account.padEnd(26)} ${amount.padStart(18)} ${asset}`),
  ])
}

function permitLines({ permit, reservation, findings, warnings }: Explanation['permit']): readonly string[] {
  const notes = [
    ...findings.map((finding) => `  denied: ${finding.code}: ${finding.message}`),
    ...warnings.map((finding) => `  warning: ${finding.code}: ${finding.message}`),
  ]
  if (permit === undefined) return ['  none: the order was denied', ...notes]
  const reserved = reservation === undefined ? '' : `, reservation ${String(reservation.reservationId)}`
  return [
    `  ${permit.permitId}, policy version ${permit.policyVersion}, ${instant(permit.issuedAt)} to ${instant(permit.expiresAt)}${reserved}`,
    `  bound to order hash ${permit.orderHash}`,
    ...notes,
  ]
}

function intentLines({ payload }: RunMessage): readonly string[] {
  const { sizing } = payload as PayloadOf<typeof IntentFormed>
  return [`  sized on equity ${sizing.equity}, ${sizing.riskFraction} of it at stake, bounded by ${sizing.limitedBy}`]
}

function recommendationLines({ payload }: RunMessage): readonly string[] {
  const view = payload as PayloadOf<typeof RecommendationIssued>
  return [
    `  ${view.direction}, setup ${view.setup}, score ${number(view.score)}, confidence ${number(view.confidence)}, rank ${view.rank}`,
    `  entry ${view.entryPrice}, stop ${view.stopPrice}, target ${view.targetPrice}, for ${view.horizonSessions} sessions, parameters version ${view.parametersVersion}`,
    ...view.reasons.map(
      (reason) =>
        `  ${reason.factor.padEnd(11)} score ${number(reason.score)} × confidence ${number(reason.confidence)} × weight ${number(reason.weight)} = ${number(reason.contribution)}`,
    ),
  ]
}

/** What models had to do with the recommendation. Their words are shown as one line of visible text. */
function modelLines({ recommendation, rationale }: Explanation): readonly string[] {
  const basis = (recommendation?.payload as PayloadOf<typeof RecommendationIssued> | undefined)?.model
  if (basis === undefined) return []
  const { origin, fault, uses, costUsd, scenarios, expectedReturn, rewardToRisk, sections } = basis
  const scenario = (name: 'base' | 'bull' | 'bear'): string =>
    `${name} ${percent(scenarios?.[name].probability)} for ${number(scenarios?.[name].returnPercent)} %`
  return [
    `Models  ${origin === 'model' ? 'the recommendation is theirs' : `the rules decided, since the answer was not taken: ${fault}`}`,
    ...uses.map(({ part, model, prompt }) => `  ${part.padEnd(11)} ${oneLineText(model, 80)}, prompt ${prompt}`),
    `  cost ${costUsd === undefined ? 'not known' : `${costUsd} USD`}, brief ${basis.briefHash.slice(0, 12)}`,
    ...(scenarios === undefined
      ? []
      : [
          `  scenarios ${scenario('base')}, ${scenario('bull')}, ${scenario('bear')}`,
          `  expected return ${percent(expectedReturn)}, reward to risk ${number(rewardToRisk)}, on ${sections.join(', ')}`,
        ]),
    ...(rationale === undefined ? [] : [`  "${oneLineText(rationale, 600)}"`]),
  ]
}

function signalLines({ payload }: RunMessage): readonly string[] {
  const { posts, market } = payload as PayloadOf<typeof SignalAggregated>
  const ofPosts =
    posts === undefined
      ? []
      : [
          `  posts: score ${number(posts.score)}, confidence ${number(posts.confidence)}, ${posts.quality.mentions} mentions by ${posts.quality.uniqueAuthors} authors`,
        ]
  return [
    ...ofPosts,
    ...market.map(
      ({ kind, score, confidence, value }) =>
        `  ${kind}: score ${number(score)}, confidence ${number(confidence)}, measured ${number(value)}`,
    ),
  ]
}

function postLines({ posts }: Explanation): readonly string[] {
  if (posts.length === 0) return []
  return [
    `Posts (the ${posts.length} that weighed most)`,
    ...posts.map((post) => {
      const text = post.text === undefined ? '(text erased)' : `"${oneLineText(post.text, 100)}"`
      return `  ${post.at}  ${(100 * post.share).toFixed(1).padStart(5)} %  score ${number(post.score)}  ${post.source} ${post.id}${post.synthetic ? ' [synthetic]' : ''} by ${post.author ?? 'unknown'}: ${text}${readingText(post)}`
    }),
  ]
}

function readingText({ reading }: Explanation['posts'][number]): string {
  if (reading === undefined) return ''
  return `, read as ${reading.stance} ${number(reading.strength)} × ${number(reading.certainty)} (${reading.kind}, ${reading.relevance})`
}

function outcomeLines({ payload }: RunMessage): readonly string[] {
  const { result, returnFraction, exitReason } = payload as PayloadOf<typeof OutcomeRecorded>
  return [`  result ${result} after fees (${(100 * returnFraction).toFixed(2)} %), left by ${exitReason}`]
}

function detail(event: Readonly<Record<string, unknown>>): string {
  const execution = event.execution as
    | { quantity: string; price: string; fee: string; feeCurrency: string; referencePrice: string }
    | undefined
  if (execution)
    return `  ${execution.quantity} at ${execution.price} (market ${execution.referencePrice}), fee ${execution.fee} ${execution.feeCurrency}`
  const note = [event.message, event.reason, event.permitId].find((value) => typeof value === 'string')
  return note === undefined ? '' : `  ${oneLineText(note, 120)}`
}

function instant(time: number): string {
  return new Date(time).toISOString()
}

function percent(value: unknown): string {
  return `${(100 * Number(value)).toFixed(1)} %`
}

function number(value: unknown): string {
  return Number(value).toFixed(3)
}
