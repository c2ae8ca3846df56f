/** The pattern of the AI SDK's documentation for caching answers: a map by the JSON of the call's parameters, and nothing else. */
export function documentedCache() {
  const answers = new Map()
  return {
    specificationVersion: 'v4',
    async wrapGenerate({ doGenerate, params }) {
      const key = JSON.stringify(params)
      if (answers.has(key)) return answers.get(key)
      const result = await doGenerate()
      answers.set(key, result)
      return result
    },
  }
}
