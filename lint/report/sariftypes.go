package report

// The SARIF log that secgen writes: the part of SARIF 2.1.0 (with errata 01)
// that it has something to say in. The types of go-sarif print the default of
// every other property too, five times the bytes; the tests read the log back
// with it and validate it against the standard's schema.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool               sarifTool                `json:"tool"`
		Invocations        []sarifInvocation        `json:"invocations"`
		OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
		ColumnKind         string                   `json:"columnKind"`
		Taxonomies         []sarifComponent         `json:"taxonomies,omitempty"`
		Results            []sarifResult            `json:"results"`
		Properties         map[string]any           `json:"properties"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
		// SupportedTaxonomies are the run's.
		SupportedTaxonomies []sarifComponentRef `json:"supportedTaxonomies,omitempty"`
	}
	sarifComponent struct {
		Name             string         `json:"name"`
		FullName         string         `json:"fullName,omitempty"`
		Version          string         `json:"version,omitempty"`
		Organization     string         `json:"organization,omitempty"`
		InformationURI   string         `json:"informationUri,omitempty"`
		ShortDescription *sarifMessage  `json:"shortDescription,omitempty"`
		IsComprehensive  bool           `json:"isComprehensive"`
		Taxa             []sarifTaxon   `json:"taxa"`
		Properties       map[string]any `json:"properties,omitempty"`
	}
	sarifTaxon struct {
		ID               string         `json:"id"`
		Name             string         `json:"name,omitempty"`
		ShortDescription *sarifMessage  `json:"shortDescription,omitempty"`
		Properties       map[string]any `json:"properties,omitempty"`
	}
	sarifComponentRef struct {
		Name  string `json:"name"`
		Index int    `json:"index"`
	}
	sarifTaxonRef struct {
		ID            string            `json:"id"`
		Index         int               `json:"index"`
		ToolComponent sarifComponentRef `json:"toolComponent"`
	}
	sarifRelationship struct {
		Target sarifTaxonRef `json:"target"`
		Kinds  []string      `json:"kinds"`
	}
	sarifRule struct {
		ID                   string              `json:"id"`
		ShortDescription     *sarifMessage       `json:"shortDescription,omitempty"`
		FullDescription      *sarifMessage       `json:"fullDescription,omitempty"`
		HelpURI              string              `json:"helpUri,omitempty"`
		Help                 *sarifMessage       `json:"help,omitempty"`
		DefaultConfiguration *sarifRuleLevel     `json:"defaultConfiguration,omitempty"`
		Relationships        []sarifRelationship `json:"relationships,omitempty"`
		Properties           map[string]any      `json:"properties,omitempty"`
	}
	sarifRuleLevel struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID              string              `json:"ruleId"`
		RuleIndex           int                 `json:"ruleIndex"`
		Level               string              `json:"level"`
		Message             sarifMessage        `json:"message"`
		Locations           []sarifLocation     `json:"locations,omitempty"`
		RelatedLocations    []sarifLocation     `json:"relatedLocations,omitempty"`
		PartialFingerprints map[string]string   `json:"partialFingerprints,omitempty"`
		Suppressions        *[]sarifSuppression `json:"suppressions,omitempty"`
		Fixes               []sarifFix          `json:"fixes,omitempty"`
		Taxa                []sarifTaxonRef     `json:"taxa,omitempty"`
		Properties          map[string]any      `json:"properties"`
	}
	sarifLocation struct {
		ID               int             `json:"id,omitempty"`
		PhysicalLocation *sarifPhysical  `json:"physicalLocation,omitempty"`
		LogicalLocations []sarifLogical  `json:"logicalLocations,omitempty"`
		Message          *sarifMessage   `json:"message,omitempty"`
		Properties       map[string]bool `json:"properties,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI         string        `json:"uri,omitempty"`
		URIBaseID   string        `json:"uriBaseId,omitempty"`
		Description *sarifMessage `json:"description,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifLogical struct {
		Name               string `json:"name"`
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string         `json:"kind"`
		Status        string         `json:"status"`
		Justification string         `json:"justification,omitempty"`
		Location      *sarifLocation `json:"location,omitempty"`
		Properties    map[string]any `json:"properties,omitempty"`
	}
	sarifFix struct {
		Description     sarifMessage  `json:"description"`
		ArtifactChanges []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		ArtifactLocation sarifArtifact      `json:"artifactLocation"`
		Replacements     []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		DeletedRegion   sarifRegion  `json:"deletedRegion"`
		InsertedContent sarifContent `json:"insertedContent"`
	}
	sarifContent struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		ExecutionSuccessful        bool                `json:"executionSuccessful"`
		ToolExecutionNotifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
		ToolConfigNotifications    []sarifNotification `json:"toolConfigurationNotifications,omitempty"`
	}
	sarifNotification struct {
		Level          string          `json:"level"`
		Message        sarifMessage    `json:"message"`
		Locations      []sarifLocation `json:"locations,omitempty"`
		AssociatedRule *sarifRuleRef   `json:"associatedRule,omitempty"`
	}
	sarifRuleRef struct {
		ID string `json:"id"`
	}
)
