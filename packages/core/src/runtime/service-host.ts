import { sha256Hex } from '../encoding/sha256.js'
import { messageOf, SwarmError } from '../errors/swarm-error.js'
import type { Storage } from '../storage/storage.js'
import type { HandlerContext } from './agent-types.js'
import type { Bus } from './bus.js'
import type { HandlerWork } from './handler-run.js'
import type { JournalWriter } from './journal-writer.js'
import { refuse } from './refusal.js'
import type { Service, ServiceHost } from './service.js'
import type { SwarmRuntime } from './swarm-options.js'

type Parts = SwarmRuntime & {
  readonly service: Service
  readonly bus: Bus
  readonly writer: JournalWriter
  readonly storage: Storage
}

/** What a swarm lends to one of its services; it holds the service to what it declared. */
export function createServiceHost(parts: Parts): ServiceHost {
  const { service, bus, writer, storage, dispatcher } = parts
  const logger = parts.logger.child({ service: service.name })
  return {
    clock: dispatcher,
    ids: parts.ids,
    random: parts.random.fork(service.name),
    logger,
    keyValue: storage.keyValue,
    journal: storage.journal,
    ...(parts.recorded === undefined ? {} : { recorded: parts.recorded }),
    publish(topic, payload, options = {}) {
      try {
        assertDeclared(service.publishes?.includes(topic), service, 'publish', topic.name)
      } catch (error) {
        return refuse(error, () =>
          logger.error('a message was refused, and its service does not wait for it', { error: messageOf(error) }),
        )
      }
      const { correlationId, causationId, ...rest } = options
      return bus.publish(topic, payload, { publisher: service.name, correlationId, causationId }, rest)
    },
    respond(request, handler) {
      assertDeclared(service.responds?.includes(request), service, 'respond', request.name)
      bus.requests.addResponder(request, {
        instance: service.name,
        isAvailable: () => true,
        handler: (input, { caller }) => handler(input as never, { caller: caller ?? '' }),
        operation: undefined,
        // Not in a transaction of its own: what a service does takes effect at once.
        answer(work) {
          void answerAtOnce(work)
        },
      })
    },
    append: (draft) => void writer.append(draft),
    putRecord: (collection, record) => writer.putRecord(collection, record),
    putBlob(text) {
      const hash = sha256Hex(text)
      writer.putBlob(hash, text)
      return hash
    },
    readBlob: (hash) => storage.blobs.get(hash),
    saveNow: (key, value, options) =>
      storage.commit({ keyValue: [{ key, ...(value === undefined ? {} : { value }), ...options }] }),
    durable: () => (dispatcher.virtual ? Promise.resolve() : writer.flush()),
  }
}

async function answerAtOnce(work: HandlerWork): Promise<void> {
  let answer: unknown
  try {
    answer = await work.invoke({ caller: work.caller } as HandlerContext)
    if (work.check !== undefined) answer = work.check(answer)
  } catch (error) {
    work.failed(error)
    return
  }
  work.succeeded(answer)
}

function assertDeclared(
  declared: boolean | undefined,
  service: Service,
  verb: 'publish' | 'respond',
  name: string,
): void {
  if (declared) return
  throw new SwarmError({
    code: verb === 'publish' ? 'PUBLISH_NOT_DECLARED' : 'RESPOND_NOT_DECLARED',
    message: `service ${service.name} may not ${verb === 'publish' ? 'publish' : 'answer'} ${name}: add it to its "${verb === 'publish' ? 'publishes' : 'responds'}"`,
    context: { service: service.name, name },
  })
}
