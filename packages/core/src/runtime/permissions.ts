import { SwarmError } from '../errors/swarm-error.js'
import type { Request } from '../messages/request.js'
import type { Topic } from '../messages/topic.js'
import type { DeclaredAgent } from './agent-entries.js'

/** Throws `PUBLISH_NOT_DECLARED`, or `INVALID_OPTION` for what is no topic. */
export function assertMayPublish(declaration: DeclaredAgent, topic: Topic, instance: string): void {
  if (declaration.mayPublish.has(topic)) return
  assertTopic(topic, instance)
  throw new SwarmError({
    code: 'PUBLISH_NOT_DECLARED',
    message: `${instance} may not publish ${topic.name}: add the topic to "static readonly publishes" of its class`,
    context: { instance, topic: topic.name },
  })
}

/** Throws `INVALID_OPTION` for what is no topic, such as the name of one. */
export function assertTopic(topic: Topic, publisher: string): void {
  if (topic?.kind === 'topic') return
  throw new SwarmError({
    code: 'INVALID_OPTION',
    message: `${publisher} publishes on ${JSON.stringify(topic)}: give publish() a topic that defineTopic() made (where it is undefined, look for modules that import each other)`,
    context: { publisher },
  })
}

/** Throws `REQUEST_NOT_DECLARED`. */
export function assertMayRequest(declaration: DeclaredAgent, request: Request, instance: string): void {
  if (declaration.mayRequest.has(request)) return
  throw new SwarmError({
    code: 'REQUEST_NOT_DECLARED',
    message: `${instance} may not request ${request.name}: add the request to "static readonly requests" of its class`,
    context: { instance, request: request.name },
  })
}
