package leak

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

var (
	mail = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*\.[A-Za-z]{2,}`)
	iban = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){2,7}(?: ?[0-9A-Z]{1,3})?\b`)
	card = regexp.MustCompile(`\b[3-6][0-9]{3}([ -])[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}\b`)
)

// persons looks for data of or about a person.
func (f *finder) persons(text string) {
	if strings.Contains(text, "@") {
		lines := strings.Contains(text, "\n")
		if eachLine(text, lines, func(line string) bool { return hasAddress(line) }) {
			f.add(Personal, "an e-mail address", "")
		}
	}
	if len(text) < 15 {
		return
	}
	bank, payment := numbers(text)
	if bank && slices.ContainsFunc(iban.FindAllString(text, 20), isIBAN) {
		f.add(Personal, "a bank account number", "")
	}
	if payment && slices.ContainsFunc(card.FindAllString(text, 20), isCard) {
		f.add(Personal, "a payment card number", "")
	}
}

// numbers tells in one pass whether a text may hold a bank account number (two
// capitals and two digits) or a payment card number (four digits, a blank or
// hyphen, a digit).
func numbers(text string) (bank, payment bool) {
	capitals, digits := 0, 0
	for i := range len(text) {
		c := text[i]
		switch {
		case '0' <= c && c <= '9':
			digits++
			bank = bank || capitals == 2 && digits == 2
		case 'A' <= c && c <= 'Z':
			if digits > 0 {
				capitals = 0
			}
			capitals++
			digits = 0
		default:
			payment = payment || digits == 4 && (c == ' ' || c == '-') && i+1 < len(text) && '0' <= text[i+1] && text[i+1] <= '9'
			capitals, digits = 0, 0
		}
	}
	return bank, payment
}

func hasAddress(line string) bool {
	for _, at := range mail.FindAllStringIndex(line, 50) {
		before, after := line[:at[0]], line[at[1]:]
		// user@host of a URL or of scp is an account on a machine.
		if strings.HasSuffix(before, "//") || strings.HasPrefix(after, ":") || strings.HasPrefix(after, "/") || strings.HasSuffix(before, ":") && strings.Contains(before, "://") {
			continue
		}
		if isPerson(line[at[0]:at[1]]) {
			return true
		}
	}
	return false
}

// isPerson leaves out addresses that belong to no person: of roles, of machines,
// and of domains that exist for documentation (RFC 2606) or inside a cluster.
func isPerson(address string) bool {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	for _, suffix := range nobodysDomains {
		if domain == strings.TrimPrefix(suffix, ".") || strings.HasSuffix(domain, suffix) {
			return false
		}
	}
	if strings.HasPrefix(domain, "example.") || strings.Contains(domain, ".example.") {
		return false
	}
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' || r == '_' || r == '+' })
	return !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(roles, w) })
}

var nobodysDomains = []string{".example", ".test", ".invalid", ".localhost", ".local", ".internal", ".svc", ".lan", ".gserviceaccount.com",
	".noreply.github.com", ".png", ".svg", ".jpg", ".yaml", ".yml", ".json", ".service", ".socket", ".foo", ".bar", ".domain.com", ".mydomain.com", ".yourdomain.com",
	".company.com", ".mycompany.com", ".email.com", ".acme.com", ".acme.org", ".corp.com", ".test.com"}

var roles = []string{"abuse", "account", "accounts", "admin", "administrator", "admins", "alert", "alerts", "alertmanager", "all", "api", "app", "argocd", "automation",
	"bot", "bots", "build", "cert", "certs", "ci", "cloud", "community", "contact", "contributors", "cluster", "dev", "devel", "developers", "devops", "discuss", "dns", "donotreply",
	"email", "eng", "engineering", "feedback", "flux", "git", "grafana", "group", "hello", "help", "helpdesk", "hostmaster", "info", "infra", "infrastructure",
	"it", "k8s", "kubernetes", "legal", "letsencrypt", "list", "lists", "mail", "mailer", "maintainers", "marketing", "me", "monitoring", "newsletter", "no", "noc", "nobody",
	"noreply", "notification", "notifications", "notify", "office", "oncall", "operations", "ops", "orders", "platform", "postmaster", "press",
	"privacy", "project", "prometheus", "reply", "root", "sales", "security", "service", "services", "shop", "sre", "ssl", "staff", "support", "sys",
	"sysadmin", "system", "team", "tech", "test", "tls", "username", "user", "users", "vulnerabilities", "web", "webmaster", "you", "your", "youremail"}

// ibanLength is how long the numbers of a country are, by ISO 13616's registry.
// Others are left out: a text of any length matches by chance too often.
var ibanLength = map[string]int{
	"AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22,
	"GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15,
	"PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26,
}

// isIBAN checks the length and the check digits of ISO 13616.
func isIBAN(text string) bool {
	text = strings.ReplaceAll(text, " ", "")
	if len(text) < 15 || len(text) != ibanLength[text[:2]] {
		return false
	}
	var digits strings.Builder
	for _, c := range text[4:] + text[:4] {
		if c >= 'A' {
			digits.WriteString(big.NewInt(int64(c - 'A' + 10)).String())
		} else {
			digits.WriteRune(c)
		}
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && new(big.Int).Mod(n, big.NewInt(97)).Int64() == 1
}

// isCard checks the check digit of ISO 7812, and leaves out the networks' test
// numbers.
func isCard(text string) bool {
	text = strings.NewReplacer(" ", "", "-", "").Replace(text)
	if strings.HasPrefix(text, "41111111") || strings.HasPrefix(text, "42424242") || strings.HasPrefix(text, "55555555") || strings.HasPrefix(text, "4000") {
		return false
	}
	sum := 0
	for i := range len(text) {
		d := int(text[len(text)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0 && strings.Trim(text, text[:1]) != ""
}
