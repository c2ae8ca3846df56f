import {
  Agent,
  type AgentClass,
  type AgentEntry,
  type CallOptions,
  defineTopic,
  type Message,
  type Request,
  type Service,
  SwarmError,
  type SwarmMember,
} from '@tradeswarm/core'
import { z } from 'zod'

/** The id and role of the agent through which a test listens and asks. */
const probeRole = 'test-probe'

/** A request that a test makes. */
export type TestCall = {
  readonly number: number
  readonly request: Request
  readonly input: unknown
  readonly options: CallOptions
  /** True once it has its answer, or its error: a handler that is tried again does not ask again. */
  isSettled: boolean
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/** How a test's requests reach the probe: only there can they be made, within a handler. */
export const TestCallMade = defineTopic('test-probe.call', {
  schema: z.custom<TestCall>(),
  delivery: 'ephemeral',
  key: (call) => String(call.number),
})

/** An agent that hears every message and may make every request that some agent or service answers and any role may ask. */
export function defineProbe(
  agents: readonly SwarmMember[],
  services: readonly Service[],
  onMessage: (message: Message) => void,
): AgentClass {
  const answered = [...agentClasses(agents), ...services].flatMap(({ responds = [] }) => responds)
  const requests = [...new Set(answered)].filter(({ callers }) => callers === undefined)

  return class TestProbe extends Agent {
    static readonly role = probeRole
    static readonly requests = requests

    protected override onStart(): void {
      this.subscribe('**', (_payload, { message }) => {
        if (message !== undefined && message.topic !== TestCallMade.name) onMessage(message)
      })
      this.subscribe(TestCallMade, async (call, context) => {
        if (call.isSettled) return
        const { request, input, options } = call
        try {
          call.resolve(await context.request(request, input, options))
        } catch (error) {
          call.reject(SwarmError.isInstance(error, 'REQUEST_NOT_DECLARED') ? nobodyAnswers(request) : error)
        }
        call.isSettled = true
      })
    }
  }
}

function agentClasses(members: readonly SwarmMember[]): readonly AgentClass[] {
  return members.flatMap((member) => {
    if (typeof member === 'function') return [member]
    return 'children' in member ? agentClasses(member.children) : [(member as AgentEntry).agent]
  })
}

function nobodyAnswers({ name, callers }: Request): SwarmError {
  return new SwarmError({
    code: 'NO_RESPONDER',
    message:
      callers === undefined
        ? `nobody answers ${name} in this test: add an agent that declares it in "responds"`
        : `${name} is for the roles ${callers.join(', ')} only: let an agent of such a role ask it, a test cannot`,
    context: { request: name },
  })
}
