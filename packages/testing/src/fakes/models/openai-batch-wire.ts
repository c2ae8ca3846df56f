import { z } from 'zod'
import { type FakeBatchWire, jsonOfBytes, linesText, pageOf } from './fake-batch-wire.js'
import type { FakeBatch, FakeBatches, FakeBatchLine, FakeBatchRequest } from './fake-batches.js'

const line = z.object({
  custom_id: z.string(),
  method: z.literal('POST'),
  url: z.literal('/v1/responses'),
  body: z.record(z.string(), z.unknown()),
})
const creation = z.object({
  input_file_id: z.string(),
  endpoint: z.literal('/v1/responses'),
  completion_window: z.literal('24h'),
})
const aDay = 86_400

/** The Batch API of OpenAI: files of requests, batches over them, files of results. */
export const openAiBatchWire: FakeBatchWire = {
  callPath: '/v1/responses',
  async answer({ method, path, query, contentType, body }, batches) {
    if (method === 'POST' && path === '/files') {
      const form = await new Response(body, { headers: { 'content-type': contentType } }).formData()
      const file = form.get('file')
      if (form.get('purpose') !== 'batch' || !(file instanceof Blob)) return { status: 400 }
      const id = batches.putFile(await file.text())
      return {
        json: { id, object: 'file', bytes: file.size, created_at: 0, filename: 'batch.jsonl', purpose: 'batch' },
      }
    }
    if (method === 'POST' && path === '/batches') return create(jsonOfBytes(body), batches)
    if (method === 'GET' && path === '/batches') {
      const { page, hasMore } = pageOf(batches.all, query.get('after'), query.get('limit'))
      const data = page.map(wordBatch)
      return { json: { object: 'list', data, first_id: data[0]?.id, last_id: data.at(-1)?.id, has_more: hasMore } }
    }
    const content = /^\/files\/([^/]+)\/content$/.exec(path)?.[1]
    if (method === 'GET' && content !== undefined) return contentOf(content, batches)
    const [, id, cancel] = /^\/batches\/([^/]+)(\/cancel)?$/.exec(path) ?? []
    if (id === undefined) return undefined
    if (cancel !== undefined) batches.cancel(id)
    const batch = batches.find(id)
    return batch === undefined ? { status: 404 } : { json: wordBatch(batch) }
  },
}

function create(asked: unknown, batches: FakeBatches) {
  const parsed = creation.safeParse(asked)
  const text = parsed.success ? batches.file(parsed.data.input_file_id) : undefined
  if (text === undefined) return { status: 400 }
  const requests = text
    .split('\n')
    .filter((one) => one !== '')
    .map((one): FakeBatchRequest => {
      const { custom_id, body } = line.parse(JSON.parse(one))
      return { customId: custom_id, body }
    })
  return { json: wordBatch(batches.add(requests)) }
}

const statuses = {
  open: 'in_progress',
  cancelling: 'cancelling',
  ended: 'completed',
  expired: 'expired',
  cancelled: 'cancelled',
  refused: 'failed',
} as const

const isOutput = ({ fate }: FakeBatchLine): boolean => fate !== 'failed' && fate !== 'expired' && fate !== 'cancelled'

function wordBatch({ id, created, requests, state, lines }: FakeBatch) {
  const outputs = lines.filter(isOutput)
  return {
    id,
    object: 'batch',
    endpoint: '/v1/responses',
    errors:
      state === 'refused'
        ? {
            object: 'list',
            data: [{ code: 'duplicate_custom_id', message: 'a custom_id is not unique', param: null, line: 2 }],
          }
        : null,
    input_file_id: 'file-input',
    completion_window: '24h',
    status: statuses[state],
    output_file_id: outputs.length > 0 ? `${id}-output` : null,
    error_file_id: lines.length > outputs.length ? `${id}-error` : null,
    created_at: created,
    expires_at: created + aDay,
    request_counts: { total: requests.length, completed: outputs.length, failed: lines.length - outputs.length },
    metadata: null,
  }
}

function contentOf(fileId: string, batches: FakeBatches) {
  const [, id, kind] = /^(.*)-(output|error)$/.exec(fileId) ?? []
  const batch = id === undefined ? undefined : batches.find(id)
  if (batch === undefined) return { status: 404 }
  const lines = batch.lines.filter((one) => isOutput(one) === (kind === 'output'))
  return { text: linesText(lines, wordLine) }
}

function wordLine({ customId, fate, body }: FakeBatchLine) {
  const shell = { id: `batch_req_${customId}`, custom_id: customId }
  if (fate === 'expired' || fate === 'cancelled')
    return { ...shell, response: null, error: { code: `batch_${fate}`, message: `the request was ${fate}` } }
  if (fate === 'failed') {
    const error = { message: 'the fake provider refuses it', type: 'invalid_request_error', param: null, code: null }
    return { ...shell, response: { status_code: 400, request_id: 'req', body: { error } }, error: null }
  }
  return { ...shell, response: { status_code: 200, request_id: 'req', body }, error: null }
}
