import type { Attributes } from '@opentelemetry/api'

// The names of the OpenTelemetry semantic conventions 1.45: messaging (experimental there), RPC and error.type (stable), with
// names of our own where they have none. As text: the package of constants asks that experimental ones be copied.
const systemName = 'tradeswarm'

/** Attribute names that are set when the value is known only then. */
export const attributeName = {
  messageId: 'messaging.message.id',
  conversationId: 'messaging.message.conversation_id',
  correlationId: 'tradeswarm.correlation_id',
  errorType: 'error.type',
} as const

/** Who does it: the group is an entry of the swarm with all its replicas, the agent one of them. */
export type AgentLabels = { readonly agent: string; readonly group: string }

/** Of a metric: a group, not an agent, since there may be ten thousand agents. */
export function handlingAttributes(topic: string, group: string): Attributes {
  return { ...publishingAttributes(topic, 'process'), 'messaging.consumer.group.name': group }
}

export function publishingAttributes(topic: string, operation: 'process' | 'publish' = 'publish'): Attributes {
  return {
    'messaging.system.name': systemName,
    'messaging.operation.name': operation,
    'messaging.destination.name': topic,
  }
}

export function requestAttributes(request: string): Attributes {
  return { 'rpc.system.name': systemName, 'rpc.method': request }
}

export function groupAttributes(group: string): Attributes {
  return { 'tradeswarm.group': group }
}

/** What a span has beside the attributes of its metrics. */
export function agentAttributes({ agent, group }: AgentLabels): Attributes {
  return { 'tradeswarm.agent': agent, 'tradeswarm.group': group }
}
