import { z } from 'zod'
import { type FakeBatchWire, jsonOfBytes, linesText, pageOf } from './fake-batch-wire.js'
import type { FakeBatch, FakeBatchLine } from './fake-batches.js'

const creation = z.object({
  requests: z.array(
    z.object({ custom_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), params: z.record(z.string(), z.unknown()) }),
  ),
})
const aDayMs = 86_400_000

/** The Message Batches of Anthropic. */
export const anthropicBatchWire: FakeBatchWire = {
  callPath: '/v1/messages',
  async answer({ method, path, query, body, baseUrl }, batches) {
    const [, id, act] = /^\/messages\/batches(?:\/([^/]+))?(?:\/(cancel|results))?$/.exec(path) ?? []
    if (!path.startsWith('/messages/batches')) return undefined
    if (id === undefined && method === 'POST') {
      const parsed = creation.safeParse(jsonOfBytes(body))
      if (!parsed.success) return { status: 400 }
      const ids = parsed.data.requests.map(({ custom_id }) => custom_id)
      if (new Set(ids).size < ids.length) return { status: 400 }
      const requests = parsed.data.requests.map(({ custom_id, params }) => ({ customId: custom_id, body: params }))
      return { json: wordBatch(batches.add(requests), baseUrl) }
    }
    if (id === undefined) {
      const { page, hasMore } = pageOf(batches.all, query.get('after_id'), query.get('limit'))
      const data = page.map((batch) => wordBatch(batch, baseUrl))
      return { json: { data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: hasMore } }
    }
    if (act === 'cancel') batches.cancel(id)
    const batch = batches.find(id)
    if (batch === undefined) return { status: 404 }
    return act === 'results' ? { text: linesText(batch.lines, wordLine) } : { json: wordBatch(batch, baseUrl) }
  },
}

function wordBatch({ id, created, requests, state, lines }: FakeBatch, baseUrl: string) {
  const isOpen = state === 'open' || state === 'cancelling'
  const count = (...fates: string[]): number => lines.filter(({ fate }) => fates.includes(fate)).length
  const iso = (ms: number): string => new Date(ms).toISOString()
  const failed = { errored: count('failed'), canceled: count('cancelled'), expired: count('expired') }
  return {
    id,
    type: 'message_batch',
    processing_status: state === 'cancelling' ? 'canceling' : isOpen ? 'in_progress' : 'ended',
    request_counts: {
      processing: isOpen ? requests.length : 0,
      succeeded: isOpen ? 0 : requests.length - failed.errored - failed.canceled - failed.expired,
      ...failed,
    },
    created_at: iso(created * 1_000),
    expires_at: iso(created * 1_000 + aDayMs),
    ended_at: isOpen ? null : iso(created * 1_000),
    archived_at: null,
    cancel_initiated_at: null,
    results_url: isOpen ? null : `${baseUrl}/messages/batches/${id}/results`,
  }
}

function wordLine({ customId, fate, body }: FakeBatchLine) {
  if (fate === 'expired') return { custom_id: customId, result: { type: 'expired' } }
  if (fate === 'cancelled') return { custom_id: customId, result: { type: 'canceled' } }
  if (fate !== 'failed') return { custom_id: customId, result: { type: 'succeeded', message: body } }
  const error = { type: 'invalid_request_error', message: 'the fake provider refuses it' }
  return { custom_id: customId, result: { type: 'errored', error: { type: 'error', error, request_id: null } } }
}
