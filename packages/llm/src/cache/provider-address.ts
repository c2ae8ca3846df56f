import type { LanguageModelV4 } from '@ai-sdk/provider'

/**
 * Where a model of the AI SDK's own providers sends its calls, read from its settings; `undefined` where it does not tell, as for a
 * model that is wrapped already.
 */
export function providerAddress(model: LanguageModelV4): string | undefined {
  const config: unknown = Reflect.get(model, 'config')
  if (typeof config !== 'object' || config === null) return undefined
  const baseUrl: unknown = Reflect.get(config, 'baseURL')
  if (typeof baseUrl === 'string') return baseUrl
  const url: unknown = Reflect.get(config, 'url')
  if (typeof url !== 'function') return undefined
  try {
    const address: unknown = url.call(config, { path: '', modelId: model.modelId })
    return typeof address === 'string' ? address : undefined
  } catch {
    return undefined
  }
}
