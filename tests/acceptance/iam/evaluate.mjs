// Reads { policies: { name: document }, cases: [case] } on stdin, writes one verdict per case on stdout.
// A case names its policies; tests/policies/evaluator.rs has its fields.
import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const { policies, cases } = JSON.parse(readFileSync(0, 'utf8'))
const named = (name) => {
  if (!(name in policies)) throw new Error(`there is no policy ${name}`)
  return { name, policy: policies[name] }
}

const simulation = (of) => ({
  request: {
    principal: of.principal,
    action: of.action,
    resource: { resource: of.resource, accountId: of.account },
    contextVariables: of.context,
  },
  sessionPolicy: of.session ? named(of.session).policy : undefined,
  identityPolicies: of.identity.map(named),
  serviceControlPolicies: of.scps.map((level, at) => ({
    orgIdentifier: `level-${at}`,
    policies: level.map(named),
  })),
  resourceControlPolicies: [],
  resourcePolicy: of.resource_policy ? named(of.resource_policy).policy : undefined,
  permissionBoundaryPolicies: of.boundary ? [named(of.boundary)] : undefined,
})

const checked = async (of) => {
  const answer = await runSimulation(simulation(of), {})
  if (answer.resultType === 'error') return { error: JSON.stringify(answer.errors) }
  const results = answer.resultType === 'wildcard' ? answer.results : [answer.result]
  return {
    allowed: answer.overallResult === 'Allowed',
    result: answer.overallResult,
    // Keys that AWS does not offer for the action: a condition on one of them never meets a value.
    ignored: results.flatMap((one) => one?.ignoredContextKeys ?? []),
  }
}

// The simulator's data has `aud` and `sub` of a few issuers only, and conditions on those of all others never meet a
// value there. STS offers both for every issuer. So these two keys are given the names of one that the data has, in
// the policy and in the request alike; nothing else of either changes.
const KNOWN = 'accounts.google.com'
const ofAToken = (of) => {
  const issuer = of.principal.split(':oidc-provider/')[1]
  const renamed = (key) =>
    [`${issuer}:aud`, `${issuer}:sub`].includes(key) ? KNOWN + key.slice(issuer.length) : key
  const keys = (value) =>
    Array.isArray(value)
      ? value.map(keys)
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, of]) => [renamed(key), keys(of)]))
        : value
  policies[`${of.resource_policy} of a token`] = keys(policies[of.resource_policy])
  return checked({
    ...of,
    context: keys(of.context),
    resource_policy: `${of.resource_policy} of a token`,
  })
}

const verdicts = []
for (const of of cases) {
  verdicts.push(await (of.principal.includes(':oidc-provider/') ? ofAToken(of) : checked(of)))
}
process.stdout.write(JSON.stringify(verdicts))
