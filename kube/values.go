package kube

var (
	trafficPolicy    = oneOf("Cluster", "Local")
	restartPolicy    = oneOf("Always", "OnFailure", "Never")
	pullPolicy       = oneOf("Always", "IfNotPresent", "Never")
	protocol         = oneOf("TCP", "UDP", "SCTP")
	accessMode       = oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
	volumeMode       = oneOf("Block", "Filesystem")
	failurePolicy    = oneOf("Fail", "Ignore")
	matchPolicy      = oneOf("Exact", "Equivalent")
	honor            = oneOf("Honor", "Ignore")
	retention        = oneOf("Retain", "Delete")
	profileType      = oneOf("RuntimeDefault", "Localhost", "Unconfined")
	message          = oneOf("File", "FallbackToLogsOnError")
	taintEffect      = oneOf("NoSchedule", "PreferNoSchedule", "NoExecute")
	preemptionPolicy = oneOf("PreemptLowerPriority", "Never")
	quotaScope       = oneOf("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass")

	hostPort         = unless("0", portNumber)
	optionalPortName = unless("", portName)
	optionalDNSLabel = unless("", dnsLabel)
	optionalDNSName  = unless("", dnsName)
)

// values says what single fields take beyond their type, from the constants and
// the comments of k8s.io/api. Fields whose values a release may extend through
// plug-ins (the types of Secrets, names of resources) are left out.
var values = map[place]judge{
	{"Container", "name"}:                              dnsLabel,
	{"Container", "imagePullPolicy"}:                   pullPolicy,
	{"Container", "restartPolicy"}:                     restartPolicy,
	{"Container", "terminationMessagePolicy"}:          message,
	{"EphemeralContainer", "name"}:                     dnsLabel,
	{"EphemeralContainer", "imagePullPolicy"}:          pullPolicy,
	{"ContainerPort", "containerPort"}:                 portNumber,
	{"ContainerPort", "hostPort"}:                      hostPort,
	{"ContainerPort", "name"}:                          optionalPortName,
	{"ContainerPort", "protocol"}:                      protocol,
	{"EnvVar", "name"}:                                 variableName,
	{"HTTPGetAction", "port"}:                          port,
	{"HTTPGetAction", "scheme"}:                        oneOf("HTTP", "HTTPS"),
	{"TCPSocketAction", "port"}:                        port,
	{"GRPCAction", "port"}:                             portNumber,
	{"Volume", "name"}:                                 dnsLabel,
	{"VolumeMount", "mountPropagation"}:                oneOf("None", "HostToContainer", "Bidirectional"),
	{"VolumeMount", "recursiveReadOnly"}:               oneOf("Disabled", "IfPossible", "Enabled"),
	{"HostPathVolumeSource", "type"}:                   oneOf("DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"),
	{"PodSpec", "restartPolicy"}:                       restartPolicy,
	{"PodSpec", "dnsPolicy"}:                           oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
	{"PodSpec", "preemptionPolicy"}:                    preemptionPolicy,
	{"PodSpec", "serviceAccountName"}:                  optionalDNSName,
	{"PodSpec", "priorityClassName"}:                   optionalDNSName,
	{"PodOS", "name"}:                                  oneOf("linux", "windows"),
	{"HostAlias", "ip"}:                                ipAddress,
	{"PodDNSConfig", "nameservers"}:                    ipAddress,
	{"LocalObjectReference", "name"}:                   optionalDNSName,
	{"SeccompProfile", "type"}:                         profileType,
	{"AppArmorProfile", "type"}:                        profileType,
	{"SecurityContext", "procMount"}:                   oneOf("Default", "Unmasked"),
	{"PodSecurityContext", "fsGroupChangePolicy"}:      oneOf("OnRootMismatch", "Always"),
	{"PodSecurityContext", "supplementalGroupsPolicy"}: oneOf("Merge", "Strict"),
	{"Toleration", "effect"}:                           taintEffect,
	{"Toleration", "operator"}:                         oneOf("Exists", "Equal", "Lt", "Gt"),
	{"Taint", "effect"}:                                taintEffect,
	{"NodeSelectorRequirement", "operator"}:            oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
	{"LabelSelectorRequirement", "key"}:                qualifiedName,
	{"LabelSelectorRequirement", "operator"}:           oneOf("In", "NotIn", "Exists", "DoesNotExist"),
	{"TopologySpreadConstraint", "whenUnsatisfiable"}:  oneOf("DoNotSchedule", "ScheduleAnyway"),
	{"TopologySpreadConstraint", "nodeAffinityPolicy"}: honor,
	{"TopologySpreadConstraint", "nodeTaintsPolicy"}:   honor,

	{"DeploymentStrategy", "type"}:                                     oneOf("Recreate", "RollingUpdate"),
	{"DaemonSetUpdateStrategy", "type"}:                                oneOf("RollingUpdate", "OnDelete"),
	{"StatefulSetUpdateStrategy", "type"}:                              oneOf("RollingUpdate", "OnDelete", "Recreate"),
	{"StatefulSetSpec", "podManagementPolicy"}:                         oneOf("OrderedReady", "Parallel"),
	{"StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted"}: retention,
	{"StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled"}:  retention,
	{"CronJobSpec", "concurrencyPolicy"}:                               oneOf("Allow", "Forbid", "Replace"),
	{"JobSpec", "completionMode"}:                                      oneOf("NonIndexed", "Indexed"),
	{"JobSpec", "podReplacementPolicy"}:                                oneOf("TerminatingOrFailed", "Failed"),
	{"PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy"}:          oneOf("IfHealthyBudget", "AlwaysAllow"),
	{"PriorityClass", "preemptionPolicy"}:                              preemptionPolicy,

	{"ServicePort", "name"}:                     optionalDNSLabel,
	{"ServicePort", "port"}:                     portNumber,
	{"ServicePort", "nodePort"}:                 hostPort,
	{"ServicePort", "targetPort"}:               targetPort,
	{"ServicePort", "protocol"}:                 protocol,
	{"ServiceSpec", "type"}:                     oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
	{"ServiceSpec", "externalTrafficPolicy"}:    trafficPolicy,
	{"ServiceSpec", "internalTrafficPolicy"}:    trafficPolicy,
	{"ServiceSpec", "sessionAffinity"}:          oneOf("ClientIP", "None"),
	{"ServiceSpec", "ipFamilies"}:               oneOf("IPv4", "IPv6"),
	{"ServiceSpec", "ipFamilyPolicy"}:           oneOf("SingleStack", "PreferDualStack", "RequireDualStack"),
	{"ServiceSpec", "externalIPs"}:              ipAddress,
	{"ServiceSpec", "loadBalancerSourceRanges"}: paddedCIDR,
	{"IngressRule", "host"}:                     hostName,
	{"IngressTLS", "hosts"}:                     hostName,
	{"HTTPIngressPath", "pathType"}:             oneOf("Exact", "Prefix", "ImplementationSpecific"),
	{"NetworkPolicySpec", "policyTypes"}:        oneOf("Ingress", "Egress"),
	{"NetworkPolicyPort", "port"}:               port,
	{"NetworkPolicyPort", "endPort"}:            portNumber,
	{"NetworkPolicyPort", "protocol"}:           protocol,
	{"IPBlock", "cidr"}:                         cidr,
	{"IPBlock", "except"}:                       cidr,

	{"PersistentVolumeClaimSpec", "accessModes"}:              accessMode,
	{"PersistentVolumeClaimSpec", "volumeMode"}:               volumeMode,
	{"PersistentVolumeSpec", "accessModes"}:                   accessMode,
	{"PersistentVolumeSpec", "volumeMode"}:                    volumeMode,
	{"PersistentVolumeSpec", "persistentVolumeReclaimPolicy"}: oneOf("Retain", "Delete", "Recycle"),
	{"StorageClass", "reclaimPolicy"}:                         oneOf("Retain", "Delete", "Recycle"),
	{"StorageClass", "volumeBindingMode"}:                     oneOf("Immediate", "WaitForFirstConsumer"),
	{"CSIDriverSpec", "fsGroupPolicy"}:                        oneOf("ReadWriteOnceWithFSType", "File", "None"),
	{"ResourceQuotaSpec", "scopes"}:                           quotaScope,
	{"ScopedResourceSelectorRequirement", "scopeName"}:        quotaScope,
	{"ScopedResourceSelectorRequirement", "operator"}:         oneOf("In", "NotIn", "Exists", "DoesNotExist"),

	{"ValidatingWebhook", "failurePolicy"}: failurePolicy,
	{"ValidatingWebhook", "matchPolicy"}:   matchPolicy,
	{"ValidatingWebhook", "sideEffects"}:   oneOf("None", "NoneOnDryRun", "Some", "Unknown"),
	{"MutatingWebhook", "failurePolicy"}:   failurePolicy,
	{"MutatingWebhook", "matchPolicy"}:     matchPolicy,
	{"MutatingWebhook", "sideEffects"}:     oneOf("None", "NoneOnDryRun", "Some", "Unknown"),
	{"Subject", "kind"}:                    oneOf("User", "Group", "ServiceAccount"),
	{"RoleRef", "kind"}:                    oneOf("Role", "ClusterRole"),
}
