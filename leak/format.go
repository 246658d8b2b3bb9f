package leak

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
)

// format is the published form of a credential. Each match holds one of marks,
// which are rare in other texts.
type format struct {
	noun    string
	marks   []string
	pattern *regexp.Regexp
}

func (f *format) isMarked(text string) bool {
	for _, mark := range f.marks {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// known are formats with a fixed beginning, by which chance matches are next to
// impossible, from the documentation of their makers.
var known = []format{
	{"an AWS access key", []string{"AKIA"}, regexp.MustCompile(`\bAKIA[A-Z2-7]{16}\b`)},
	{"an AWS session key", []string{"ASIA"}, regexp.MustCompile(`\bASIA[A-Z2-7]{16}\b`)},
	{"a Google API key", []string{"AIza"}, regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}\b`)},
	{"a Google OAuth secret", []string{"GOCSPX-"}, regexp.MustCompile(`\bGOCSPX-[0-9A-Za-z_-]{28}\b`)},
	{"an Azure storage key", []string{"AccountKey="}, regexp.MustCompile(`AccountKey=[A-Za-z0-9+/]{86}==`)},
	{"an Azure client secret", []string{"8Q~"}, regexp.MustCompile(`\b[0-9A-Za-z_.~-]{3}8Q~[0-9A-Za-z_.~-]{34}\b`)},
	{"a DigitalOcean token", []string{"dop_v1_", "doo_v1_", "dor_v1_"}, regexp.MustCompile(`\bdo[opr]_v1_[0-9a-f]{64}\b`)},
	{"a GitHub token", []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, regexp.MustCompile(`\bgh[pousr]_[0-9A-Za-z]{36}\b`)},
	{"a GitHub token", []string{"github_pat_"}, regexp.MustCompile(`\bgithub_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}\b`)},
	{"a GitLab token", []string{"glpat-", "glrt-", "gldt-", "glptt-", "glft-", "glsoat-", "glcbt-", "glagent-"}, regexp.MustCompile(`\bgl(pat|rt|dt|ptt|ft|soat|cbt|agent)-[0-9A-Za-z_-]{20,}`)},
	{"a Slack token", []string{"xox"}, regexp.MustCompile(`\bxox[abeoprs]-[0-9A-Za-z-]{20,}`)},
	{"a Slack token", []string{"xapp-"}, regexp.MustCompile(`\bxapp-[0-9]-[0-9A-Z]+-[0-9]+-[0-9a-z]{40,}`)},
	{"a Slack webhook", []string{"hooks.slack.com/services/"}, regexp.MustCompile(`hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{20,}`)},
	{"a Discord webhook", []string{"/api/webhooks/"}, regexp.MustCompile(`discord(app)?\.com/api/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,}`)},
	{"a Telegram token", []string{":AA"}, regexp.MustCompile(`\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b`)},
	{"a Stripe key", []string{"_live_"}, regexp.MustCompile(`\b[sr]k_live_[0-9A-Za-z]{24,}`)},
	{"an npm token", []string{"npm_"}, regexp.MustCompile(`\bnpm_[0-9A-Za-z]{36}\b`)},
	{"a PyPI token", []string{"pypi-AgEIcHlwaS5vcmc"}, regexp.MustCompile(`pypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50,}`)},
	{"a Docker token", []string{"dckr_pat_"}, regexp.MustCompile(`\bdckr_pat_[0-9A-Za-z_-]{27}`)},
	{"a Hugging Face token", []string{"hf_"}, regexp.MustCompile(`\bhf_[A-Za-z]{34}\b`)},
	{"an OpenAI key", []string{"T3BlbkFJ"}, regexp.MustCompile(`\bsk-[0-9A-Za-z_-]*T3BlbkFJ[0-9A-Za-z_-]{20,}`)},
	{"an Anthropic key", []string{"sk-ant-"}, regexp.MustCompile(`\bsk-ant-(api|admin)[0-9]{2}-[0-9A-Za-z_-]{80,}`)},
	{"a SendGrid key", []string{"SG."}, regexp.MustCompile(`\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}`)},
	{"a Vault token", []string{"hvs.", "hvb."}, regexp.MustCompile(`\bhv[sb]\.[0-9A-Za-z_-]{24,}`)},
	{"a HashiCorp cloud token", []string{".atlasv1."}, regexp.MustCompile(`\b[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,}`)},
	{"a Grafana token", []string{"glsa_"}, regexp.MustCompile(`\bglsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8}\b`)},
	{"a Databricks token", []string{"dapi"}, regexp.MustCompile(`\bdapi[0-9a-f]{32}\b`)},
	{"a Doppler token", []string{"dp.pt.", "dp.st.", "dp.ct.", "dp.sa."}, regexp.MustCompile(`\bdp\.(pt|st|ct|sa)\.[0-9A-Za-z._-]{40,}`)},
	{"a New Relic key", []string{"NRAK-"}, regexp.MustCompile(`\bNRAK-[0-9A-Z]{27}\b`)},
	{"a Shopify token", []string{"shpat_", "shpca_", "shppa_", "shpss_"}, regexp.MustCompile(`\bshp(at|ca|pa|ss)_[0-9a-fA-F]{32}\b`)},
	{"an age key", []string{"AGE-SECRET-KEY-1"}, regexp.MustCompile(`\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b`)},
}

var (
	privateKey = regexp.MustCompile(`-----BEGIN (?:RSA |EC |DSA |OPENSSH )?PRIVATE KEY-----(?:\s|\\n|\\r|")*[0-9A-Za-z+/]{40}`)
	// registryAuth is an entry of a registry client's configuration, as pull secrets
	// have it: user:password in base64.
	registryAuth = regexp.MustCompile(`"auth"\s*:\s*"([0-9A-Za-z+/]{8,}={0,2})"`)
	webToken     = regexp.MustCompile(`\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}`)
)

// formats names the credentials of a known form that a text holds.
func formats(text string) []string {
	if !dense(text) {
		return nil
	}
	var nouns []string
	for i := range known {
		f := &known[i]
		if f.isMarked(text) && anyReal(f.pattern.FindAllString(text, 20)) {
			nouns = append(nouns, f.noun)
		}
	}
	if strings.Contains(text, "PRIVATE KEY-----") && privateKey.MatchString(text) {
		nouns = append(nouns, "a private key")
	}
	if strings.Contains(text, `"auths"`) && holdsRegistryAuth(text) {
		nouns = append(nouns, "a password for a registry")
	}
	if strings.Contains(text, "eyJ") {
		for _, t := range webToken.FindAllString(text, 20) {
			if isWebToken(t) {
				return append(nouns, "a JSON web token")
			}
		}
	}
	return nouns
}

// holdsRegistryAuth tells whether a registry client's configuration has a password.
func holdsRegistryAuth(text string) bool {
	for _, m := range registryAuth.FindAllStringSubmatch(text, 20) {
		login, err := base64.StdEncoding.DecodeString(m[1])
		_, password, found := strings.Cut(string(login), ":")
		if err == nil && found && len(password) >= 6 && !strings.ContainsAny(password, "${<") && anyReal([]string{string(login)}) {
			return true
		}
	}
	return false
}

// dense tells whether a text holds 16 characters in a row as credentials have
// them, with a letter and a digit; a single pass, since nearly no text does.
func dense(text string) bool {
	run, letters, digits := 0, false, false
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			letters = true
		case '0' <= c && c <= '9':
			digits = true
		case c == '-' || c == '_' || c == '+' || c == '/' || c == '=' || c == '.' || c == ':' || c == '~':
		default:
			run, letters, digits = 0, false, false
			continue
		}
		if run++; run >= 16 && letters && digits {
			return true
		}
	}
	return strings.Contains(text, "hf_") || strings.Contains(text, "PRIVATE KEY-----")
}

// anyReal leaves out the examples of documentation.
func anyReal(matches []string) bool {
	for _, m := range matches {
		lower := strings.ToLower(m)
		if !strings.Contains(lower, "example") && !strings.Contains(lower, "xxxx") && !strings.Contains(lower, "00000000") &&
			!strings.Contains(lower, "1234567890") && entropy(m) >= 3 {
			return true
		}
	}
	return false
}

// isWebToken tells whether the text is a signed token and not the well-known
// example of jwt.io.
func isWebToken(text string) bool {
	header, rest, _ := strings.Cut(text, ".")
	data, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		return false
	}
	var h struct{ Alg string }
	payload, _, _ := strings.Cut(rest, ".")
	body, err := base64.RawURLEncoding.DecodeString(payload)
	return json.Unmarshal(data, &h) == nil && h.Alg != "" && h.Alg != "none" && err == nil && !strings.Contains(string(body), "John Doe")
}
