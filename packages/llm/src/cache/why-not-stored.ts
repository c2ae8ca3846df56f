import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { Validator } from '@cfworker/json-schema'
import { textOf } from '../text-of.js'

/** Why an answer was not stored; counted in the statistics. */
export type NotStoredReason =
  | 'finish-reason'
  | 'error-part'
  | 'unfinished'
  | 'tool-use'
  | 'output-outside-schema'
  | 'temperature'
  | 'no-canonical-form'
  | 'turned-off'
  | 'store-failed'

/** What a user may allow beyond the rules. */
export type StoringRules = {
  /** Names of tools that always answer alike and change nothing. */
  readonly pureTools: ReadonlySet<string>
  /** Store what was drawn at a temperature above 0: the caller is content with one draw for all. */
  readonly storeSampled: boolean
}

/** Why no answer to this call may be stored, whatever it is. */
export function whyCallIsNotStored(
  options: LanguageModelV4CallOptions,
  rules: StoringRules,
): NotStoredReason | undefined {
  if (!rules.storeSampled && (options.temperature ?? 0) > 0) return 'temperature'
  return undefined
}

/** Why this whole answer may not be stored; `undefined` if it may. */
export function whyAnswerIsNotStored(
  result: LanguageModelV4GenerateResult,
  options: LanguageModelV4CallOptions,
  rules: StoringRules,
): NotStoredReason | undefined {
  const fault = finishFault(result.finishReason) ?? toolFault(result.content, rules)
  if (fault !== undefined) return fault
  return schemaFault(result.structuredOutputText ?? textOf(result.content), options)
}

/** Why this stream may not be stored; it must have come to its own end. */
export function whyStreamIsNotStored(
  parts: readonly LanguageModelV4StreamPart[],
  options: LanguageModelV4CallOptions,
  rules: StoringRules,
): NotStoredReason | undefined {
  let finish: LanguageModelV4FinishReason | undefined
  let text = ''
  for (const part of parts) {
    if (part.type === 'error') return 'error-part'
    if (part.type === 'finish') finish = part.finishReason
    if (part.type === 'text-delta') text += part.delta
    if (isToolPart(part) && !isPureCall(part, rules)) return 'tool-use'
  }
  if (finish === undefined) return 'unfinished'
  return finishFault(finish) ?? schemaFault(text, options)
}

/** A call that ends in tools ends so by their will, and may be stored where all of them are pure. */
function finishFault(reason: LanguageModelV4FinishReason): NotStoredReason | undefined {
  return reason.unified === 'stop' || reason.unified === 'tool-calls' ? undefined : 'finish-reason'
}

function toolFault(content: readonly LanguageModelV4Content[], rules: StoringRules): NotStoredReason | undefined {
  return content.some((part) => isToolPart(part) && !isPureCall(part, rules)) ? 'tool-use' : undefined
}

type AnyPart = LanguageModelV4Content | LanguageModelV4StreamPart

function isToolPart(part: AnyPart): boolean {
  return part.type.startsWith('tool-')
}

/** Results, approvals and what the provider ran by itself are never stored. */
function isPureCall(part: AnyPart, rules: StoringRules): boolean {
  if (part.type === 'tool-input-delta' || part.type === 'tool-input-end') return true
  if (part.type !== 'tool-call' && part.type !== 'tool-input-start') return false
  return part.providerExecuted !== true && rules.pureTools.has(part.toolName)
}

/** With tools about, an answer may be a call and no text at all. */
function schemaFault(text: string, options: LanguageModelV4CallOptions): NotStoredReason | undefined {
  const format = options.responseFormat
  if (format?.type !== 'json' || (text === '' && options.tools !== undefined && options.tools.length > 0))
    return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (format.schema === undefined) return undefined
    return validatorOf(format.schema as object).validate(value).valid ? undefined : 'output-outside-schema'
  } catch {
    // No JSON, or a schema that nobody can check: what cannot be shown to be right is not kept.
    return 'output-outside-schema'
  }
}

const validators = new WeakMap<object, Validator>()

function validatorOf(schema: object): Validator {
  let validator = validators.get(schema)
  if (validator === undefined) {
    validator = new Validator({ ...schema }, '7')
    validators.set(schema, validator)
  }
  return validator
}
