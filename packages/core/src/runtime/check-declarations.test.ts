import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest, type Request } from '../messages/request.js'
import { defineTopic, type Topic } from '../messages/topic.js'
import { virtualSwarm } from '../testing-support/swarm-bench.test-support.js'
import { Agent } from './agent.js'
import type { AgentEntry } from './agent-entries.js'
import type { AgentClass } from './agent-types.js'
import type { Service } from './service.js'

const nothing = z.object({})
const Go = defineTopic('go', { schema: nothing, delivery: 'ephemeral' })
const Priced = defineTopic('price.seen', { schema: nothing, delivery: 'durable' })
const Advised = defineTopic('advice.given', { schema: nothing, delivery: 'durable', publishers: ['sage'] })
const Approve = defineRequest('order.approve', { input: nothing, output: nothing, idempotent: true })
const Unlock = defineRequest('vault.unlock', {
  input: nothing,
  output: z.object({ caller: z.string() }),
  idempotent: true,
  callers: ['guard'],
})

type Says = { publishes?: Topic[]; requests?: Request[]; responds?: Request[] }

/** A class of a role with whatever declarations, that does nothing. */
function agentOf(role: string, { publishes = [], requests = [], responds = [] }: Says): AgentClass {
  return class extends Agent {
    static readonly role: string = role
    static readonly publishes = publishes
    static readonly requests = requests
    static readonly responds = responds
  }
}

const vault: Service = {
  name: 'vault',
  publishes: [Priced],
  responds: [Unlock],
  start: async (host) => host.respond(Unlock, (_input, { caller }) => ({ caller })),
  stop: async () => undefined,
}

const swarmOf = (...agents: (AgentClass | AgentEntry)[]) => virtualSwarm({ agents, services: [vault] })

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

describe('a request that names its callers', () => {
  it('is refused to a class of any other role when the swarm is made', () => {
    expect(() => swarmOf(agentOf('thief', { requests: [Unlock] }))).toThrow(
      refused('CALLER_NOT_ALLOWED', /thief has the role thief and may not ask vault\.unlock: it is for guard only/),
    )
    expect(() => swarmOf(agentOf('guard', { requests: [Unlock] }))).not.toThrow()
  })

  it('is for one entry of the role: taking the role under another id gives no right, replicas share it', () => {
    const Guard = agentOf('guard', { requests: [Unlock] })
    expect(() => swarmOf(Guard, { agent: Guard, id: 'night-guard' })).toThrow(
      refused('DUPLICATE_ROLE', /both guard and night-guard have the role guard and declare vault\.unlock/),
    )
    expect(() => swarmOf({ agent: Guard, replicas: 3 })).not.toThrow()
    expect(() => swarmOf(Guard, { agent: agentOf('guard', {}), id: 'doorman' })).not.toThrow()
  })

  it('is not asked by a definition of the same name without the callers, whose schema would be another too', () => {
    const forged = defineRequest('vault.unlock', { input: z.unknown(), output: z.unknown(), idempotent: true })
    expect(() => swarmOf(agentOf('thief', { requests: [forged] }))).toThrow(
      refused('DUPLICATE_REQUEST', /vault and thief declare two different requests of the name vault\.unlock/),
    )
  })

  it('is refused at run time to a class that was given it, or the role, after the swarm was made', async () => {
    const answers: unknown[] = []
    const requests: Request[] = []
    class Late extends Agent {
      static role = 'late'
      static readonly requests = requests
      protected override onStart() {
        this.subscribe(Go, async (_event, context) => {
          answers.push(await context.request(Unlock, {}).catch((error: unknown) => error))
        })
      }
    }
    const { swarm, dispatcher } = swarmOf(Late)
    requests.push(Unlock)
    Late.role = 'guard'
    await swarm.start()
    await swarm.publish(Go, {})
    await dispatcher.step()
    expect(answers).toMatchObject([{ code: 'REQUEST_NOT_DECLARED' }])
    expect(swarm.status().agents).toMatchObject([{ role: 'late' }])
  })

  it('is refused by the bus itself, whatever was declared', async () => {
    const callers = ['guard', 'late']
    const Weak: Request = { ...Unlock, callers }
    const answers: unknown[] = []
    class Late extends Agent {
      static readonly role: string = 'late'
      static readonly requests = [Weak]
      protected override onStart() {
        this.subscribe(Go, async (_event, context) => {
          answers.push(await context.request(Weak, {}).catch((error: unknown) => error))
        })
      }
    }
    const { swarm, dispatcher } = virtualSwarm({ agents: [Late] })
    callers.pop()
    await swarm.start()
    await swarm.publish(Go, {})
    await dispatcher.step()
    expect(answers).toMatchObject([{ code: 'CALLER_NOT_ALLOWED' }])
  })

  it('cannot be opened by changing its definition', () => {
    expect(() => Object.assign(Unlock, { callers: ['thief'] })).toThrow(TypeError)
    expect(() => (Unlock.callers as string[]).push('thief')).toThrow(TypeError)
    expect(() => Object.assign(Advised, { publishers: undefined })).toThrow(TypeError)
  })
})

describe('who asks', () => {
  it('is told to the service or agent that answers, by id', async () => {
    const answers: unknown[] = []
    class Judge extends Agent<typeof Judge> {
      static readonly role = 'judge'
      static readonly responds = [Approve]
      protected override onStart() {
        this.respond(Approve, (_input, context) => {
          answers.push(context.caller)
          return {}
        })
        this.subscribe(Go, (_event, context) => void answers.push(context.caller))
      }
    }
    class Guard extends Agent<typeof Guard> {
      static readonly role = 'guard'
      static readonly requests = [Unlock, Approve]
      protected override onStart() {
        this.subscribe(Go, async (_event, context) => {
          answers.push((await context.request(Unlock, {})).caller)
          await context.request(Approve, {})
        })
      }
    }
    const { swarm, dispatcher } = swarmOf(Judge, { agent: Guard, id: 'night-guard' })
    await swarm.start()
    await swarm.publish(Go, {})
    while (await dispatcher.step());
    expect(answers).toEqual([undefined, 'night-guard', 'night-guard'])
  })
})

describe('a request', () => {
  it('has one entry or service to answer it: two entries of one role are two, replicas of one are one', () => {
    const Judge = agentOf('judge', { responds: [Approve] })
    const twice = refused('DUPLICATE_RESPONDER', /both judge and imp declare that they answer order\.approve/)
    expect(() => swarmOf(Judge, { agent: Judge, id: 'imp' })).toThrow(twice)
    expect(() => swarmOf(Judge, { agent: agentOf('imp', { responds: [Approve] }) })).toThrow(twice)
    expect(() => swarmOf({ agent: Judge, replicas: 2 })).not.toThrow()
    expect(() => swarmOf(agentOf('imp', { responds: [Unlock] }))).toThrow(
      refused('DUPLICATE_RESPONDER', /both vault and imp/),
    )
  })
})

describe('a topic', () => {
  it('that a service publishes is closed to agents', () => {
    expect(() => swarmOf(agentOf('forger', { publishes: [Priced] }))).toThrow(
      refused('TOPIC_RESERVED', /forger may not publish price\.seen: it is published by the service vault/),
    )
  })

  it('that a service publishes is open to the roles that it names', () => {
    const services = [{ ...vault, publishes: [Advised] }]
    const make = (role: string) => virtualSwarm({ agents: [agentOf(role, { publishes: [Advised] })], services })
    expect(() => make('sage')).not.toThrow()
    expect(() => make('fool')).toThrow(refused('PUBLISHER_NOT_ALLOWED', /fool/))
  })

  it('that names its publishers is refused to every other role, and to a second entry of the role', () => {
    const Sage = agentOf('sage', { publishes: [Advised] })
    expect(() => swarmOf(agentOf('fool', { publishes: [Advised] }))).toThrow(
      refused('PUBLISHER_NOT_ALLOWED', /fool has the role fool and may not publish advice\.given: it is for sage only/),
    )
    expect(() => swarmOf(Sage, { agent: Sage, id: 'fool' })).toThrow(
      refused('DUPLICATE_ROLE', /both sage and fool have the role sage and declare advice\.given/),
    )
    expect(() => swarmOf({ agent: Sage, replicas: 2 })).not.toThrow()
  })

  it('is open to all who declare it when it names nobody', () => {
    expect(() => swarmOf(agentOf('one', { publishes: [Go] }), agentOf('two', { publishes: [Go] }))).not.toThrow()
  })

  it('cannot be published by another definition of its name', () => {
    const forgedOf = (name: string) => defineTopic(name, { schema: z.unknown(), delivery: 'durable' })
    expect(() => swarmOf(agentOf('forger', { publishes: [forgedOf('price.seen')] }))).toThrow(
      refused('DUPLICATE_TOPIC', /vault and forger declare two different topics of the name price\.seen/),
    )
    const Sage = agentOf('sage', { publishes: [Advised] })
    expect(() => swarmOf(Sage, agentOf('forger', { publishes: [forgedOf('advice.given')] }))).toThrow(
      refused('DUPLICATE_TOPIC', /sage and forger/),
    )
  })
})
