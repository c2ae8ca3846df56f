import { type AgentClass, nearestName, SwarmError } from '@tradeswarm/core'
import { z } from 'zod'
import { Analyst } from '../analyst/analyst.js'
import { ModelAnalyst } from '../analyst/model-analyst.js'
import { DataScout } from '../data-scout/data-scout.js'
import { dataScoutOptions } from '../data-scout/data-scout-config.js'
import { Learning } from '../learning/learning.js'
import { Trader } from '../trader/trader.js'
import type { AgentRole, TradingSwarmOptions } from './define-trading-swarm.js'

const optionNames: Readonly<Record<keyof TradingSwarmOptions, true>> = {
  symbols: true,
  brokers: true,
  routes: true,
  sources: true,
  policy: true,
  rules: true,
  model: true,
  agents: true,
  replace: true,
  config: true,
  services: true,
}

/** Options that are lists, and what they are lists of. */
const lists = {
  brokers: 'createPaperBroker(…)',
  sources: 'defineSignalSource(…)',
  agents: 'MyAgent',
  services: 'myService',
} as const satisfies Partial<Readonly<Record<keyof TradingSwarmOptions, string>>>

const builtIn: Readonly<
  Record<Exclude<AgentRole, 'risk-manager'>, { readonly config: z.ZodType; readonly options: z.ZodType }>
> = {
  'data-scout': { config: DataScout.config, options: dataScoutOptions },
  analyst: { config: Analyst.config, options: Analyst.config },
  trader: { config: Trader.config, options: Trader.config },
  learning: { config: Learning.config, options: Learning.config },
}
const withModel = { config: ModelAnalyst.config, options: ModelAnalyst.config }
const configurable = Object.keys(builtIn)
const replaceable: readonly string[] = [...configurable, 'risk-manager']

/** Refuses options that there are not, wherever they stand: one that is misspelt would otherwise do nothing. Throws `INVALID_OPTION`. */
export function checkOptions(options: TradingSwarmOptions): void {
  if (options === null || typeof options !== 'object')
    throw invalidOption('options', `they are ${kindOf(options)}; give an object such as { symbols: ["AAPL"] }`)
  for (const name of Object.keys(options)) {
    // A definition may be defined again.
    if (!(name in optionNames) && name !== 'kind') throw unknownOption('', name, Object.keys(optionNames))
  }
  if (options.policy !== undefined && options.policy !== null && 'rules' in options.policy)
    throw invalidOption('policy.rules', 'there is no such limit; "rules" is an option beside "policy", not in it')
  for (const name of Object.keys(lists) as (keyof typeof lists)[]) checkList(name, options[name])
  for (const [role, agent] of Object.entries(options.replace ?? {})) {
    if (!replaceable.includes(role)) throw unknownOption('replace.', role, replaceable, 'role')
    if (agent.role !== role)
      throw invalidOption(
        `replace.${role}`,
        `the class has the role "${agent.role}": give it the role that it replaces`,
      )
  }
  if (options.model !== undefined && options.replace?.analyst !== undefined)
    throw invalidOption(
      'model',
      'it is for the built-in Analyst, which "replace.analyst" takes the place of: leave one of the two out',
    )
  for (const [role, config] of Object.entries(options.config ?? {})) {
    if (role === 'risk-manager') throw invalidOption('config.risk-manager', 'it has none: the limits are in "policy"')
    if (!configurable.includes(role)) throw unknownOption('config.', role, configurable, 'role')
    checkConfig(role as keyof typeof builtIn, config, options)
  }
}

/** An option that is not as it should be. */
export function invalidOption(option: string, message: string): SwarmError {
  return new SwarmError({
    code: 'INVALID_OPTION',
    message: `defineTradingSwarm: ${option}: ${message}`,
    context: { option },
  })
}

/** One in place of a list would be told by an error that names none of the user's words. */
function checkList(name: keyof typeof lists, given: unknown): void {
  if (given === undefined) return
  const example = `${name}: [${lists[name]}]`
  if (!Array.isArray(given)) throw invalidOption(name, `it is ${kindOf(given)} and no list; write ${example}`)
  const place = given.findIndex((one) => one === null || (typeof one !== 'object' && typeof one !== 'function'))
  if (place >= 0) throw invalidOption(`${name}[${place}]`, `it is ${kindOf(given[place])}; write ${example}`)
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** By the schema of whoever has the role: a class that replaces one of the five has options of its own. */
function checkConfig(
  role: keyof typeof builtIn,
  config: unknown,
  { replace, symbols, model }: TradingSwarmOptions,
): void {
  const replacement = replace?.[role]
  if (role === 'analyst' && replacement === undefined) checkModelOptions(config, model !== undefined)
  const { options, config: usual } = role === 'analyst' && model !== undefined ? withModel : builtIn[role]
  if (replacement === undefined || replacement.config === usual) {
    checkAgainst(options, `config.${role}`, config)
  } else if (replacement.config !== undefined) {
    const given = role === 'data-scout' && takesSymbols(replacement) ? { ...(config as object), symbols } : config
    checkAgainst(replacement.config, `config.${role}`, given)
  } else if (Object.keys((config as object | undefined) ?? {}).length > 0) {
    throw invalidOption(`config.${role}`, 'the class that replaces this role declares no "static readonly config"')
  }
}

function checkModelOptions(config: unknown, hasModel: boolean): void {
  if (hasModel || (config as { readonly model?: unknown } | undefined)?.model === undefined) return
  throw invalidOption(
    'config.analyst.model',
    'the swarm has no model that these options could be for: give it as "model"',
  )
}

function checkAgainst(schema: z.ZodType, where: string, config: unknown): void {
  const result = schema.safeParse(config ?? {})
  const issue = result.error?.issues[0]
  if (issue === undefined) return
  const path = [where, ...issue.path].join('.')
  if (issue.code === 'unrecognized_keys')
    throw unknownOption(`${path}.`, issue.keys[0] ?? '', namesAt(schema, issue.path))
  throw invalidOption(path, issue.message)
}

/** The names that a schema knows at a path. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let inner: unknown = schema
  for (const part of path) inner = shapeOf(inner)[part as string]
  return Object.keys(shapeOf(inner))
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  return objectIn(schema)?.shape ?? {}
}

function objectIn(schema: unknown): z.ZodObject | undefined {
  let inner = schema
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional)
    inner = inner.unwrap()
  return inner instanceof z.ZodObject ? inner : undefined
}

/** Whether a class that stands in a role to which the swarm tells its symbols wants to know them: what it does not name it would be refused. */
export function takesSymbols({ config }: AgentClass): boolean {
  if (config === undefined) return false
  const object = objectIn(config)
  if (object === undefined || 'symbols' in object.shape) return true
  const { catchall } = object.def
  return catchall !== undefined && !(catchall instanceof z.ZodNever)
}

function unknownOption(
  where: string,
  name: string,
  known: readonly string[],
  what: 'option' | 'role' = 'option',
): SwarmError {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?`
  return invalidOption(`${where}${name}`, `there is no such ${what}; ${hint}`)
}
