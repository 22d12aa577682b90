import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { declarationsOf } from './declarations.ts';
import { readPackages, root } from './workspace.ts';

// Every change to what a package exports shows in review: `npm run api` rewrites the snapshots.
const packages = readPackages().filter(({ manifest }) => manifest.exports !== undefined);

test('the packages compile', () => {
  expect(inject('buildErrors')).toBe('');
});

test('entries export exactly these names', () => {
  const names = packages.flatMap((pkg) =>
    Object.keys(pkg.manifest.exports ?? {}).map((entry) => {
      const exported = declarationsOf(pkg, entry).map(({ name }) => name);
      return `${join(pkg.name, entry)}\n${wrap(exported.join(' '))}\n`;
    }),
  );
  expect(names.join('\n')).toMatchInlineSnapshot(`
    "@homeostat/apiserver
      AFTER_ANNOTATION AdmissionDecision AdmissionRequest AdmitHook ApiError ApiServer ApiServerOptions
      ApiServerUser Clock ControllerOptions FATE_ANNOTATION Fault FaultInjector FaultKind FaultLimit
      FaultMatch FaultRule FaultTime FaultVerb FieldError FieldErrorType InProcessOptions ManualClock
      PodFate PodRule Random ReportError ServedRequest SimulationOptions Status StatusCause StatusDetails
      User createApiServer manualClock seededRandom systemClock

    @homeostat/apiserver/testing
      EventuallyOptions RequestLog TestClock TestObjects TestServer TestServerOptions WriteOptions
      startTestServer

    @homeostat/apply
      AmendOptions Amended Amendment Answer ApplyEvent ApplyItem ApplyOptions ApplyOutcome ApplyPorts
      Blocked Claimant Classified ConflictDecision ConflictMode ConflictPolicy Failed FieldConflict
      GITOPS_MANAGERS Inheritance ItemOrigin LEGACY_MANAGERS Limit LimitOptions OutcomeCode Overridden
      Readiness ReadyOptions Reduced Refusal ReplaceConsent Skipped TOOLS ToolName ValidateEvent
      ValidateOptions ValidatePorts Waiting Written amendItems applyItems claimantOf classify conflictsOf
      createLimit decideConflict formerOwners isAppliedByKubectl isCopyOfLabels isMigrationDue listed
      policyFor printConflicts printHolder validateItems withoutFields

    @homeostat/cache
      Backoff CacheError CacheErrorCode CacheEvent CacheUsage ChangedEvent Children DegradedKind
      EntryQuery EventsOptions ForeignMember GoneEvent LiveCache LiveCacheOptions LiveEntry LoadOptions
      LoadResult Owner Summarize UntilOptions Via createLiveCache readChildren

    @homeostat/cel
      CelError CelErrorCode CelValue CompileOptions EvaluateOptions Program compile

    homeostat
      ExitCode Io Output Paint exitCode painter printDuration printEvent printReport printSummary
      runProgram usesColor

    @homeostat/diff
      Addition AdditionOptions Change ChangeKind CompareOptions Comparison DiffError DiffErrorCode Holder
      IgnoreFacts IgnoreRule IgnoreSelect Ignored KeepAddition RemainingChange RemainingOptions Removal
      TextDiffOptions UnknownReason addedBack additions compare compileIgnore equalContent foresee
      jsonPatch ownedValues releasePayload remainingChanges removalPatch textDiff withoutAdditions
      withoutFields

    @homeostat/git
      Auth CallOptions ChangesOptions Clock CommitInfo CredentialProvider CredentialRequest Credentials
      DirectorySourceOptions FetchOptions GitError GitErrorCode GitErrorDetails GitSourceOptions Limits
      MemorySource MemorySourceOptions ObjectStore ObjectStoreOptions Person RefChoice RefOption RetryHint
      Revision Snapshot Source SourceFinding SourceFindingCode SshOptions StoreWriter TlsOptions TreeEntry
      TreeFile TreeView createDirectorySource createGitSource createMemorySource createObjectStore
      credentialHelper defaultLimits printRevision printableUrl tokenCredentials tokenFromEnvironment
      tokenFromFile

    @homeostat/kube
      Applied ApplyOptions CallOptions Client Clock CoreTag DeleteOptions Dependency DependencyGraph
      DependencyNode DirectiveFinding DirectiveFindingCode Directives FieldRequirement FieldSelector
      GROUP_KINDS_ANNOTATION GroupKind Gvk Impersonation JsonPatchOperation JsonPath KubeError
      KubeErrorCode KubeErrorDetails KubeObject LabelRequirement LabelSelector ListOptions
      MANAGED_ANNOTATION ManagedFieldsEntry Managers NAMESPACES_ANNOTATION ObjectMeta OwnerReference
      PART_OF_LABEL Page Patch Proof Propagation Quantity QuantityFormat RawRequest RawResponse Redactor
      RedactorOptions Ref RefKey RequestRecord Resource Resources RetryHint SET_ID_LABEL Scalar Scope
      SetHints SetIdentity SetTimer StatusCause TOOLING_ANNOTATION UnprovenReason VersionOption WatchEvent
      WatchOptions Wave WriteOptions apiVersionOf builtinScope canonicalJson compareForApply
      compareQuantities compareRefs compareText createRedactor dependencies digest directivesOf equalJson
      formatHints groupKindOf gvkOf gvkOfResource impliedTag isDirective isMember isRecord
      managedAnnotation matchesFields matchesLabels parseDuration parseFieldSelector parseGroupKind
      parseHints parseJson parseLabelSelector parseQuantity parseRefKey payloadOf printFieldSelector
      printGroupKind printLabelSelector printQuantity printRef printable proofOf refKey refOf requiredBy
      resolveScalar resolveTagged scalarKey sensitivePaths setIdentity setOf sleepBy stringifyJson
      systemClock whatHolds withMembership

    @homeostat/kube/http
      Answer AnswerBody AnswerHeaders AuthProvider ClientCertificate ClientOptions ClusterConfig
      Credentials ExecPlugin HttpClient Impersonation LoadOptions Protocol Text Transport TransportRequest
      createClient inClusterConfig loadKubeconfig printableUrl

    @homeostat/kube/data
      ColumnData GoField GroupVersionData GroupVersionKindData KubeData OpenApiSchema Presence
      ResourceData SubresourceData goField kubeData

    @homeostat/kube/conformance
      ConformanceSetup ConformanceWorld Expect clientConformance

    @homeostat/merge
      ApplyOptions ApplyResult Atom Field FieldConflict FieldEntry FieldSet FieldTracking FieldsCache
      FieldsV1 JsonObject JsonPatchOp JsonPatchOptions KeyField ListAtom Located MapAtom MergeError
      MergeErrorCode OpenApiSchema PatchField PatchSchema PatchType Path PathElement ReplicasPath Scalar
      ScalarKind Schema TypeUse UpdateOptions applyConfiguration applyJsonPatch applyMergePatch
      applyStrategicPatch atomicType compareElements compareScalars createFieldsCache deducedType
      difference elementText emptySet equalSets fieldElement fieldSet has indexElement intersection
      isEmpty isScalar keepTimes keyElement leaves locate locateItems managersForScale managersFromScale
      parseElement parseFieldsV1 parsePointer patchTypeFromOpenApi paths pick printPath printPointer
      recursiveDifference schemaFromOpenApi sortedEntries toFieldsV1 trackUpdate typeFromOpenApi typeOf
      union valueElement withPrefix

    @homeostat/prune
      Consent HandledRequest Held KeepReason Member OrphanDecision Parent ParentOptions ParentRequest
      ParentRequests PruneError PruneErrorCode PruneEvent PruneFacts PruneFailureCode PruneOptions
      PruneOutcome PrunePorts RequestKind SetSource StoredReport TOOLING TeardownMode abandon abandonPatch
      announce consentTo consentsTo deleteParent heldOf isSameAnnotation narrow parentRef parseParent
      parseRequests pruneOrphans readParent requestAnnotation selectOrphans selectTeardown storeReport

    @homeostat/reconcile
      AdoptSource AllowRules ApplyStep AskOptions AwaitedSync ChannelMessages Claims Clock Condition
      ConditionReason Contest CounterName Declaration DenyRules Dependencies DestroyOptions Difference
      Engine EngineEvent EngineOnceOptions EngineOptions Failure GaugeName GivenRules Health HealthRule
      HistogramName Identity InspectedObject InspectedSet Labels Lockdown Loop LoopEvent LoopOptions
      Memory MetricCatalog MetricDefinition MetricKind MetricName Metrics PassEvent PassFinding
      PassOptions PassResult PassTrace Plan PlanItem PlanOptions Planned PlannedAddition PlannedChange
      PlannedDrift PlannedNothing PlannedPrune PlannedRefusal PlannedSkip PlannedWrite Policy Ports
      Readers ReconcileError ReconcileErrorCode RepairResult RepairTrace Report ReportState
      ReportedAddition ReportedObject ReportedOrphan Sample SampledName SetName Settled StageTrace
      Standing Sync TotalName TracingMessages Turn TurnOptions Turns Urgency ValidateStep assertFresh
      awaitRequest conditionsOf confirmPrunes countRequests createClaims createEngine createLoop
      createMemory createPorts createReaders createTurns defaultPolicy defineSync destroySet drive
      hasDifferences heldPrunes inspectSet leaseHolder loadHealthRules lockDown makePlan metricCatalog
      noLease parsePlan pass printDifference printPlaces reconcileOnce requestSync resumeSet rollBack
      steadyClock suspendSet systemClock

    @homeostat/reconcile/schema
      SourceDocument SyncDocument parseSync syncSchema

    @homeostat/reconcile/prom-client
      createPromMetrics

    @homeostat/reconcile/opentelemetry
      createOpenTelemetryMetrics traceToSpans

    @homeostat/render
      CustomContext CustomSpec Desired FileEntry FileReader Finding FindingCode FindingOrigin Limits
      ManifestSpec MemoCounts MemoOptions NodePath Origin ParsedYaml RenderError RenderErrorCode
      RenderMemo RenderOptions RenderSpec Rendered ScopeOptions Severity YamlDocument createRenderMemo
      defaultLimits parseYaml printFindingOrigin render resolveScopes toYaml

    @homeostat/status
      Aggregate CustomRule CustomRules State Status StatusEntry StatusError StatusErrorCode StatusOptions
      aggregate customRules isJudgedByPods statusOf statusOfAbsent
    "
  `);
});

describe.each(packages)('$name', (pkg) => {
  test('is declared to its users as its api.txt says', async () => {
    const sections = Object.keys(pkg.manifest.exports ?? {}).map((entry) => {
      const texts = declarationsOf(pkg, entry).map(({ text }) => text);
      return `# ${join(pkg.name, entry)}\n\n${texts.join('\n\n')}\n`;
    });
    await expect(sections.join('\n')).toMatchFileSnapshot(join(root, 'packages', pkg.folder, 'api.txt'));
  });
});

/** Lines of at most 100 characters. */
function wrap(text: string): string {
  return text.replaceAll(/(.{1,100})(?: |$)/g, '  $1\n').trimEnd();
}
