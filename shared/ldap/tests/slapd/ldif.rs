//! The people and groups that every server of these tests starts with.

/// Two twins have one name; Smith's DN has a comma; Jürgen's name is not ASCII; the last group has every special character of a
/// filter in its name. The nested groups: devs is in all, all and ring are in each other.
pub(crate) const PEOPLE_AND_GROUPS: &str = "
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=guests,ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: guests

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: ou=eu,ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: eu

dn: ou=elsewhere,dc=example,dc=org
objectClass: organizationalUnit
ou: elsewhere

dn: cn=reader,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: readerpw

dn: uid=alice,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: Alice
cn: Alice (A) * test
sn: A
mail: alice@example.org
employeeType: staff
userPassword: alicepw

dn: uid=bob,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: B
employeeType: guest
userPassword: bobpw

dn: uid=carol,ou=guests,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: carol
cn: Carol
sn: C
userPassword: carolpw

dn: uid=twin,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: T
userPassword: twinpw

dn: uid=twin,ou=guests,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: T
userPassword: twinpw

dn: cn=Smith\\, John,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: smith
cn: Smith, John
sn: Smith
userPassword: smithpw

dn: uid=jürgen,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: jürgen
cn: Jürgen
sn: J
userPassword: pässwörd

dn: uid=nopassword,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: nopassword
cn: Nobody
sn: N

dn: cn=devs,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: devs
description: registry
member: uid=alice,ou=people,dc=example,dc=org
member: cn=Smith\\, John,ou=people,dc=example,dc=org

dn: cn=admins,ou=elsewhere,dc=example,dc=org
objectClass: groupOfNames
cn: admins
member: uid=alice,ou=people,dc=example,dc=org

dn: cn=berlin,ou=eu,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: berlin
description: registry
member: uid=alice,ou=people,dc=example,dc=org

dn: cn=all,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: all
description: registry
member: cn=devs,ou=groups,dc=example,dc=org
member: cn=ring,ou=groups,dc=example,dc=org

dn: cn=ring,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: ring
member: cn=all,ou=groups,dc=example,dc=org

dn: cn=unique,ou=groups,dc=example,dc=org
objectClass: groupOfUniqueNames
cn: unique
uniqueMember: uid=bob,ou=people,dc=example,dc=org

dn: cn=ops (eu)\\, \\2A * \\5C,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: ops (eu), * * \\
member: uid=bob,ou=people,dc=example,dc=org

dn: cn=above ops,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: above ops
member: cn=ops (eu)\\, \\2A * \\5C,ou=groups,dc=example,dc=org
";

/// A chain of groups, one in the next, of which carol is in the first.
pub(crate) fn chain(length: usize) -> String {
    let group = |number: usize| {
        let member = match number {
            0 => "uid=carol,ou=guests,ou=people,dc=example,dc=org".to_owned(),
            above => format!("cn=level{:02},ou=groups,dc=example,dc=org", above - 1),
        };
        let name = format!("level{number:02}");
        format!(
            "dn: cn={name},ou=groups,dc=example,dc=org\nobjectClass: groupOfNames\ncn: {name}\nmember: {member}\n\n"
        )
    };
    (0..length).map(group).collect()
}

/// People by the names of `robot000` and so on.
pub(crate) fn robots(count: usize) -> String {
    let robot = |number: usize| {
        let name = format!("robot{number:03}");
        format!(
            "dn: uid={name},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: R\n\n"
        )
    };
    (0..count).map(robot).collect()
}
