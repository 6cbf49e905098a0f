// Reads { policies: { name: document }, cases: [case] } on stdin, writes one verdict per case on stdout.
// A case names its policies; tests/policies/evaluator.rs has its fields.
import { readFileSync } from 'node:fs'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const { policies: written, cases } = JSON.parse(readFileSync(0, 'utf8'))

// Gives keys of objects other names, in a policy and in the request alike; nothing else of either changes.
const rename = (value, renamed) =>
  Array.isArray(value)
    ? value.map((of) => rename(of, renamed))
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, of]) => [renamed(key), rename(of, renamed)]))
      : value

// The simulator knows the keys of an encryption context by the name that the reference has for all of them, and by no
// other. Of one request there is one context key here, that of S3.
const CONTEXT = 'kms:EncryptionContext:'
const ofAContext = (key) => {
  if (key.startsWith(CONTEXT) && key !== `${CONTEXT}aws:s3:arn`) throw new Error(`which is ${key}?`)
  return key.startsWith(CONTEXT) ? `${CONTEXT}\${EncryptionContextKey}` : key
}
const policies = rename(written, ofAContext)

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
// value there. STS offers both for every issuer. So these two keys are given the names of one that the data has.
const KNOWN = 'accounts.google.com'
const ofAToken = (of) => {
  const issuer = of.principal.split(':oidc-provider/')[1]
  const renamed = (key) =>
    [`${issuer}:aud`, `${issuer}:sub`].includes(key) ? KNOWN + key.slice(issuer.length) : key
  policies[`${of.resource_policy} of a token`] = rename(policies[of.resource_policy], renamed)
  return checked({
    ...of,
    context: rename(of.context, renamed),
    resource_policy: `${of.resource_policy} of a token`,
  })
}

const verdicts = []
for (const one of cases) {
  const of = { ...one, context: rename(one.context, ofAContext) }
  verdicts.push(await (of.principal.includes(':oidc-provider/') ? ofAToken(of) : checked(of)))
}
process.stdout.write(JSON.stringify(verdicts))
