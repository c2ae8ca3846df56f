import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRequest } from '../messages/request.js'
import { defineTopic } from '../messages/topic.js'
import { Agent } from './agent.js'
import type { HandlerContext } from './agent-types.js'

const Moved = defineTopic('price.moved', {
  schema: z.object({ symbol: z.string(), change: z.number().default(0) }),
  delivery: 'durable',
})
const Halted = defineTopic('halt.ordered', { schema: z.object({ reason: z.string() }), delivery: 'durable' })
const Permit = defineTopic('permit.given', { schema: z.object({}), delivery: 'durable' })
const GetMood = defineRequest('mood.get', {
  input: z.object({ symbol: z.string() }),
  output: z.object({ mood: z.number() }),
  idempotent: true,
})
const Assess = defineRequest('risk.assess', { input: z.object({}), output: z.object({}), idempotent: true })

/** What the compiler holds an agent to. Never run: the compiler reads it in the test below, and each expected error must be one. */
export class Scout extends Agent<typeof Scout> {
  static readonly role = 'scout'
  static readonly publishes = [Moved, Halted]
  static readonly requests = [GetMood]
  static readonly responds = [GetMood]
  static readonly config = z.object({ symbols: z.array(z.string()), limit: z.number().default(1) })

  protected override async onStart() {
    const limit: number = this.config.limit
    const symbols: readonly string[] = this.config.symbols
    // @ts-expect-error the config has no such field
    const colour: unknown = this.config.colour
    // @ts-expect-error the limit is a number
    const text: string = this.config.limit
    expect([limit, symbols, text, colour]).toBeDefined()

    await this.publish(Moved, { symbol: 'A' })
    await this.publish(Halted, { reason: 'loss' })
    // @ts-expect-error the payload is that of another topic
    await this.publish(Moved, { reason: 'loss' })
    // @ts-expect-error permits are not declared
    await this.publish(Permit, {})

    this.subscribe(Permit, async (_permit, context) => {
      await context.publish(Halted, { reason: 'permit' })
      // @ts-expect-error permits are not declared
      await context.publish(Permit, {})
      const { mood } = await context.request(GetMood, { symbol: 'A' }, { timeoutMs: 5 })
      // @ts-expect-error the mood is a number
      mood.trim()
      // @ts-expect-error the input lacks its symbol
      await context.request(GetMood, {})
      // @ts-expect-error assessing risk is not declared
      await context.request(Assess, {})
    })
    this.subscribe(Moved, ({ symbol, change }, context) => {
      const parts: [string, number, string | undefined] = [symbol, change, context.message?.payload.symbol]
      context.logger.info('moved', { parts })
      // @ts-expect-error an event is what its schema says
      symbol.toFixed()
    })
    this.respond(GetMood, ({ symbol }) => ({ mood: symbol.length }))
    // @ts-expect-error the answer lacks the mood
    this.respond(GetMood, () => ({}))
    // @ts-expect-error none but its owner answers
    this.respond(Assess, () => ({}))
    this.every('1m', (context) => context.state.set('at', context.clock.now()))
    // @ts-expect-error a week is no unit
    this.every('1w', () => undefined)
  }

  /** A method that takes the context of its own handlers. */
  protected async report(context: HandlerContext<typeof Scout>): Promise<void> {
    await context.publish(Halted, { reason: 'report' })
    // @ts-expect-error permits are not declared
    await context.publish(Permit, {})
  }
}

/** One that declares nothing may say nothing. */
export class Mute extends Agent<typeof Mute> {
  static readonly role = 'mute'

  protected override async onStart() {
    this.subscribe(Moved, async (_event, context) => {
      // @ts-expect-error it declares no topics
      await context.publish(Moved, { symbol: 'A' })
      // @ts-expect-error it declares no requests
      await context.request(GetMood, { symbol: 'A' })
    })
    // @ts-expect-error it has no config
    this.config.limit.toFixed()
  }
}

/** Without the type argument the compiler admits all, and the bus decides. */
export class Loose extends Agent {
  static readonly role = 'loose'

  protected override async onStart() {
    this.subscribe(Moved, async ({ symbol }, context) => {
      await context.publish(Halted, { reason: symbol })
    })
  }
}

describe('the compiler', () => {
  it('lets an agent say what it declares, and nothing else', () => {
    const file = join(import.meta.dirname, 'declarations.test.ts')
    const base = ts.readConfigFile(join(import.meta.dirname, '../../../../tsconfig.base.json'), (path) =>
      ts.sys.readFile(path),
    )
    const { options } = ts.convertCompilerOptionsFromJson(
      (base.config as { compilerOptions: unknown }).compilerOptions,
      import.meta.dirname,
    )
    const program = ts.createProgram([file], {
      ...options,
      noEmit: true,
      composite: false,
      declaration: false,
      emitDeclarationOnly: false,
      noUnusedLocals: false,
    })
    const source = program.getSourceFile(file)
    const complaints = ts.getPreEmitDiagnostics(program, source).map((diagnostic) => {
      const line = source?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
      return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`
    })
    expect(complaints).toEqual([])
  })
})
